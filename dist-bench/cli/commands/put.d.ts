import type { Encoding, UploadOptions } from '../../storage.js';
import type { Context } from '../context.js';
/** The options of `holdfast put`. */
export interface PutOptions {
    readonly to?: string;
    readonly recursive?: true;
    readonly follow?: true;
    readonly concurrency: number;
    readonly contentType?: string;
    readonly fileName?: string;
    readonly metadata?: Readonly<Record<string, string>>;
    readonly tag?: Readonly<Record<string, string>>;
    readonly storageClass?: string;
    /** True for the option without a word. */
    readonly compress?: true | 'auto' | Encoding;
    readonly expires?: Pick<UploadOptions, 'expiresInSeconds' | 'expiresAt'>;
    readonly ifMatch?: string;
    readonly ifNoneMatch?: string;
    readonly clobber: boolean;
    readonly dryRun?: true;
}
/** Stores a file, stdin (`-`), several files, or whole folders. */
export declare function put(context: Context, args: readonly string[], options: PutOptions): Promise<number>;
