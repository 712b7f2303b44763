import type { Storage, UploadOptions, UploadResult } from '../storage.js';
/** What an upload of a gzip file takes; the rest of {@link UploadOptions} is settled by what it is. */
export type UploadCompressedOptions = Omit<UploadOptions, 'compress' | 'contentType' | 'contentEncoding' | 'size' | 'sha256'>;
/** Stores a file of the disk as a gzip file, `<key>.gz`; its bytes are compressed while they are sent. */
export declare function storeGzipped(storage: Pick<Storage, 'uploadFile'>, path: string, key: string, options: UploadCompressedOptions | undefined): Promise<UploadResult>;
