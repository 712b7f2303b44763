import type { Context } from '../context.js';
/** The options of `holdfast cp` and `holdfast mv`. */
export interface CopyOptions {
    readonly recursive?: true;
    readonly concurrency: number;
    readonly clobber: boolean;
    readonly dryRun?: true;
}
/** Copies a file, or everything below a prefix, on the store's side. */
export declare function cp(context: Context, from: string, to: string, options: CopyOptions): Promise<number>;
/** Moves a file, or everything below a prefix: each file is copied, then removed if it is still the one copied. */
export declare function mv(context: Context, from: string, to: string, options: CopyOptions): Promise<number>;
