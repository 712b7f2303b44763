import type { Attributes } from '../../core/attributes.js';
import type { Key } from '../../core/key.js';
import type { Condition, OperationOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
import { type Written } from './requests.js';
/**
 * Begins an upload, runs `work` with its id, and aborts it if that fails. The upload is in the log from before
 * the first part until it is completed or known to be aborted.
 */
export declare function withUpload<T>(context: S3Context, key: Key, headers: readonly string[], signal: AbortSignal | undefined, work: (uploadId: string) => Promise<T>, op?: string): Promise<T>;
/** An upload whose parts are all there. */
export interface FinishedUpload {
    readonly op: string;
    readonly key: Key;
    readonly uploadId: string;
    /** In the metadata that it was begun with. */
    readonly writeId: string;
    readonly options: Condition & OperationOptions;
}
/**
 * Completes an upload (S3 API, "CompleteMultipartUpload"). It may take long, and may fail with a status of 200:
 * only a result document with an ETag is a success. Where the answer was lost or leaves it open, the object
 * decides: it carries our write id, or the error stands.
 *
 * @param conditions headers that put `upload.options` in the words of the server
 */
export declare function complete(context: S3Context, upload: FinishedUpload, etags: readonly string[], conditions: readonly string[] | undefined): Promise<Written>;
/** Gives a completed object its tags, where the server has dropped those that the upload was begun with. */
export declare function tagCompleted(context: S3Context, key: Key, { tags }: Attributes, { signal }: OperationOptions): Promise<void>;
/**
 * Aborts the uploads in the log that nobody completes. Those of another bucket or server are
 * left where they are.
 *
 * @returns how many were aborted, and how many could not be
 */
export declare function abortOrphans(context: S3Context): Promise<{
    aborted: number;
    failed: number;
}>;
