import type { Context } from '../context.js';
/** The options of `holdfast keep`. */
export interface KeepOptions {
    readonly concurrency: number;
}
/** Ends the expiry of files. */
export declare function keep(context: Context, keys: readonly string[], options: KeepOptions): Promise<number>;
