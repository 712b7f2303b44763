import type { Context } from '../context.js';
/** The options of `holdfast fsck`. */
export interface FsckCommandOptions {
    readonly repair?: true;
    readonly rebuild?: true;
    readonly hash?: true;
}
/** Holds ledger, files and journal of the storage folder against each other. */
export declare function fsck(context: Context, options: FsckCommandOptions): Promise<number>;
