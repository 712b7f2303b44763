import type { OperationOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
/** A multipart upload that was begun, and neither completed nor ended. */
export interface UnfinishedUpload {
    readonly key: string;
    readonly uploadId: string;
    readonly begunAt: Date;
}
/** All multipart uploads under way below a prefix, whoever has begun them (S3 API, "ListMultipartUploads"). */
export declare function listUnfinishedUploads(context: S3Context, prefix: string, { signal }?: OperationOptions): AsyncGenerator<UnfinishedUpload, void, void>;
/** How many bytes an unfinished upload holds (S3 API, "ListParts"); 0 if it has ended meanwhile. */
export declare function bytesOfUpload(context: S3Context, { key, uploadId }: UnfinishedUpload, { signal }?: OperationOptions): Promise<number>;
