import type { ByteRange } from '../../core/range.js';
import type { Context } from '../context.js';
/** The options of `holdfast get`. */
export interface GetOptions {
    readonly recursive?: true;
    readonly concurrency: number;
    readonly range?: ByteRange;
    readonly versionId?: string;
    readonly clobber: boolean;
}
/** Fetches a file, to a file or to stdout, or everything below a prefix into a folder. */
export declare function get(context: Context, key: string, target: string | undefined, options: GetOptions): Promise<number>;
