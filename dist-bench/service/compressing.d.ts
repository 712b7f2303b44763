import type { Attributes } from '../core/attributes.js';
import { type Encoding } from '../core/compression.js';
import type { Source, SourceOptions } from '../core/source.js';
import type { UploadOptions } from '../storage.js';
/** How an upload is to be compressed. */
export type Compression = 'auto' | Encoding;
/**
 * Checks what an upload asks for, before its content is touched.
 *
 * @returns undefined where nothing is to be compressed
 * @throws StorageError `INVALID_ARGUMENT`; `UNSUPPORTED` for a codec that this version of Node does not have
 */
export declare function parseCompression({ compress: wanted, contentEncoding, }: UploadOptions): Compression | undefined;
type OnProgress = SourceOptions['onProgress'];
/** The progress of an upload, which counts what was stored and not what was compressed. */
export declare class UploadProgress {
    #private;
    constructor(onProgress: OnProgress);
    /** What the content tells how far it was read; only what is a function is heard, the rest is for its check. */
    get ofContent(): OnProgress;
    get ofStored(): OnProgress;
    /** Tells nothing of what the content is read for meanwhile. */
    paused<T>(work: () => Promise<T>): Promise<T>;
}
/** What the store is given of an upload. */
export interface Upload {
    /** The caller's to close, also where it is the content itself. */
    readonly source: Source;
    readonly attributes: Attributes;
    readonly sha256: string | undefined;
}
export interface Compressing {
    readonly compression: Compression;
    readonly progress: UploadProgress;
    /** Where files of no name may be made; the system's folder for such files unless given. */
    readonly spillFolder: string | undefined;
    readonly signal: AbortSignal | undefined;
}
/**
 * The upload with its content compressed, where that is worth it; else as it is.
 *
 * @throws StorageError `INVALID_ARGUMENT` if the content has another SHA-256 than `upload` says
 */
export declare function compressUpload(upload: Upload, { compression, progress, spillFolder, signal }: Compressing): Promise<Upload>;
export {};
