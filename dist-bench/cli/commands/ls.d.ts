import type { Context } from '../context.js';
/** The options of `holdfast ls`. */
export interface LsOptions {
    readonly recursive?: true;
    readonly long?: true;
    readonly limit?: number;
}
/** Lists the files whose keys begin with a prefix, in UTF-8 byte order; folders as one line unless recursive. */
export declare function ls(context: Context, prefix: string, options: LsOptions): Promise<number>;
