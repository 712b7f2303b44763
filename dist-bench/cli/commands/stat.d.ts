import type { Context } from '../context.js';
/** Tells everything that is known of a file. */
export declare function stat(context: Context, key: string): Promise<number>;
