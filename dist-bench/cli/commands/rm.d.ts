import type { Context } from '../context.js';
/** The options of `holdfast rm`. */
export interface RmOptions {
    readonly recursive?: true;
    readonly force?: true;
    readonly yes?: true;
    readonly dryRun?: true;
    readonly concurrency: number;
}
/** Removes files by their keys, or everything below prefixes. */
export declare function rm(context: Context, names: readonly string[], options: RmOptions): Promise<number>;
