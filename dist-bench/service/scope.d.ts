import type { CallOptions, CopyFileOptions, DeleteReport, FileStat, KeyList, ListFilesOptions, Listing, OpenedFile, OpenOptions, PresignUrlOptions, ReadOptions, Scope, Storage, StorageMetrics, ThawFileOptions, UploadOptions, UploadResult } from '../storage.js';
/**
 * The start of a scope's keys. It ends in `/`: a scope of `rooms/42` would hold room 421 too.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export declare function parseScopePrefix(value: unknown): string;
/**
 * A storage confined to a prefix. Every key and prefix is parsed before the scope's own is put before it, and no key
 * has a `..` segment, so that none leads out; what comes back loses the prefix again.
 */
export declare class PrefixScope implements Scope {
    #private;
    readonly prefix: string;
    constructor(storage: Storage, prefix: string);
    uploadFile(content: Parameters<Storage['uploadFile']>[0], key: string, options?: UploadOptions | string): Promise<UploadResult>;
    downloadFile(key: string, options?: ReadOptions & {
        maxBytes?: number | undefined;
    }): Promise<Buffer | null>;
    openFile(key: string, options?: OpenOptions): Promise<OpenedFile>;
    statFile(key: string, options?: CallOptions): Promise<FileStat>;
    keepFile(key: string, options?: CallOptions): Promise<FileStat>;
    fileExists(key: string, options?: CallOptions): Promise<boolean>;
    deleteFile(key: string, options?: CallOptions & {
        ifMatch?: string | undefined;
    }): Promise<boolean>;
    deleteFiles(keys: Iterable<string> | AsyncIterable<string>, options?: CallOptions): Promise<DeleteReport>;
    deletePrefix(prefix: string, options?: CallOptions): Promise<DeleteReport>;
    copyFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult>;
    moveFile(from: string, to: string, options?: CopyFileOptions): Promise<UploadResult>;
    getFileTags(key: string, options?: CallOptions): Promise<Readonly<Record<string, string>>>;
    setFileTags(key: string, tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>;
    setStorageClass(key: string, storageClass: string, options?: CallOptions & {
        ifMatch?: string | undefined;
    }): Promise<FileStat>;
    thawFile(key: string, options?: ThawFileOptions): Promise<FileStat>;
    listFiles(prefix?: string, options?: CallOptions): Promise<KeyList>;
    list(options?: ListFilesOptions): Listing;
    /** The file's address in the storage, outside of the scope. */
    urlFor(key: string): string;
    generatePresignedUrl(key: string, options?: number | PresignUrlOptions): Promise<string>;
    getStorageMetrics(options?: CallOptions & {
        prefix?: string | undefined;
    }): Promise<StorageMetrics>;
    scope(prefix: string): Scope;
}
