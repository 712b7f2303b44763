import type { Context } from '../context.js';
/** Takes files that lie in the storage folder without being known as objects; all of them unless paths are given. */
export declare function importFiles(context: Context, paths: readonly string[]): Promise<number>;
