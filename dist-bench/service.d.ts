import { EventEmitter } from 'node:events';
import { type StorageConfig } from './config.js';
import { type Logger } from './core/logger.js';
import { type Content } from './core/source.js';
import type { Store } from './core/store.js';
import { type UploadCompressedOptions } from './service/upload-compressed.js';
import type { CallOptions, CopyFileOptions, DeleteReport, FileStat, FileVersion, ImportReport, KeyList, ListFilesOptions, Listing, ListVersionsOptions, LocatedFile, OpenedFile, OpenOptions, PresignUrlOptions, PurgeReport, PurgeVersionsOptions, ReadOptions, RestoreOptions, Scope, SignedAccess, StatOptions, Storage, StorageActivity, StorageEvents, StorageLifecycle, StorageMetrics, StorageStatus, ThawFileOptions, UploadOptions, UploadResult, VersionedStorage, VersionsOf } from './storage.js';
export interface StorageServiceOptions {
    /** The configuration in code: what is given counts, defaults for the rest. Read from the environment unless given. */
    readonly config?: Partial<StorageConfig> | undefined;
    /** A pino logger, or anything of its shape. Silent unless given. */
    readonly logger?: Logger | undefined;
    /** Whether a storage folder that is not there yet may be made; true unless given. */
    readonly create?: boolean | undefined;
    /** What the time is, in milliseconds since the epoch, by which files expire: for tests. `Date.now` unless given. */
    readonly now?: (() => number) | undefined;
    /** A store of one's own in place of the configured one, such as a `MemoryStore` in tests. It is closed with the service. */
    readonly store?: Store | undefined;
}
/**
 * The storage of an application: local files, Amazon S3, MinIO or another S3-compatible server behind one API.
 *
 * Making one touches nothing; the first call (or {@link ready}) opens the store. A store that could not be
 * opened is tried again by the next call.
 */
export declare class StorageService extends EventEmitter<StorageEvents> implements Storage, VersionedStorage, StorageLifecycle {
    #private;
    readonly config: StorageConfig;
    /** @throws StorageError `CONFIG_INVALID` that names every wrong setting, `INVALID_ARGUMENT` for other wrong options */
    constructor(options?: StorageServiceOptions);
    ready(options?: CallOptions): Promise<void>;
    uploadFile(content: Content, key: string, options?: UploadOptions | string): Promise<UploadResult>;
    downloadFile(key: string, options?: ReadOptions & {
        maxBytes?: number | undefined;
    }): Promise<Buffer | null>;
    openFile(key: string, options?: OpenOptions): Promise<OpenedFile>;
    statFile(key: string, options?: StatOptions): Promise<FileStat>;
    fileExists(key: string, options?: CallOptions): Promise<boolean>;
    deleteFile(key: string, options?: CallOptions & {
        ifMatch?: string | undefined;
    }): Promise<boolean>;
    deleteFiles(keys: Iterable<string> | AsyncIterable<string>, options?: CallOptions): Promise<DeleteReport>;
    deletePrefix(prefix: string, options?: CallOptions): Promise<DeleteReport>;
    copyFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult>;
    moveFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult>;
    keepFile(key: string, options?: CallOptions): Promise<FileStat>;
    getFileTags(key: string, options?: CallOptions): Promise<Readonly<Record<string, string>>>;
    setFileTags(key: string, tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>;
    setStorageClass(key: string, storageClass: string, options?: CallOptions & {
        ifMatch?: string | undefined;
    }): Promise<FileStat>;
    thawFile(key: string, options?: ThawFileOptions): Promise<FileStat>;
    list(options?: ListFilesOptions): Listing;
    listFiles(prefix?: string, options?: CallOptions): Promise<KeyList>;
    urlFor(key: string): string;
    generatePresignedUrl(key: string, options?: number | PresignUrlOptions): Promise<string>;
    getStorageMetrics(options?: CallOptions & {
        prefix?: string | undefined;
    }): Promise<StorageMetrics>;
    scope(prefix: string): Scope;
    listVersions(of: VersionsOf, options?: ListVersionsOptions): AsyncIterable<FileVersion>;
    restoreVersion(key: string, options?: RestoreOptions): Promise<UploadResult>;
    purgeVersions(of: VersionsOf, options?: PurgeVersionsOptions): Promise<PurgeReport>;
    getStatus(): StorageStatus;
    getActivity(): StorageActivity;
    close(options?: {
        drainMs?: number | undefined;
    }): Promise<{
        pending: number;
    }>;
    [Symbol.asyncDispose](): Promise<void>;
    /**
     * Takes files that lie in the storage folder without being known as objects: those under `path` (a file or a
     * folder in it), or all. Only on local storage, else `UNSUPPORTED`.
     */
    importFiles(path?: string, options?: CallOptions): Promise<ImportReport>;
    /**
     * Removes what has expired at once, where it would be removed soon. Expired files are gone for readers in any case.
     *
     * @returns how many were removed; 0 also where another process of the storage folder is at it
     */
    removeExpired(options?: CallOptions): Promise<number>;
    /**
     * What a signed URL of this service (its path and query) grants; undefined if it is none, was altered, has
     * run out, or is for another method. A `GET` URL grants `HEAD` too.
     */
    verifySignedUrl(method: string, pathAndQuery: string): Promise<SignedAccess | undefined>;
    /**
     * Where a client can read a file by itself: at the bucket, which has just said that it holds it, with nothing newer
     * here. Undefined where the file is to be served from here, or there is none.
     */
    locateFile(key: string, options?: CallOptions): Promise<LocatedFile | undefined>;
}
/** The process's one storage, made from the environment when first asked for; shared by every copy of this package. */
export declare function getStorageService(): StorageService;
/** The specification's free function: {@link Storage.generatePresignedUrl} on the process's one storage. */
export declare function generatePresignedUrl(key: string, options?: number | PresignUrlOptions): Promise<string>;
/**
 * The specification's free function: stores the file at `path` as a gzip file, `<key>.gz` of type `application/gzip`, in
 * the process's one storage. Readers get the gzip file; {@link UploadOptions.compress} is for those who want the content.
 *
 * @throws `INVALID_ARGUMENT` where there is no such file, and what {@link Storage.uploadFile} throws
 */
export declare function uploadCompressed(path: string, key: string, options?: UploadCompressedOptions): Promise<UploadResult>;
/** The specification's free function: {@link Storage.getStorageMetrics} on the process's one storage. */
export declare function getStorageMetrics(options?: CallOptions & {
    prefix?: string | undefined;
}): Promise<StorageMetrics>;
