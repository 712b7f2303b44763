import type { Key } from '../../core/key.js';
import type { Source } from '../../core/source.js';
import type { ObjectStat, PutOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
import { type PartPlan } from './parts.js';
/** How content that is too large for one request is sent. */
export interface MultipartStart {
    readonly plan: PartPlan;
    /** Headers for the completing request. */
    readonly conditions: readonly string[] | undefined;
}
/**
 * Writes an object in parts (S3 API, "Multipart upload overview"). Each part is signed with its SHA-256 and
 * repeated alone; `concurrency` parts are under way while the next is read. The object appears when the upload
 * completes; on any failure the upload is aborted.
 */
export declare function putMultipart(context: S3Context, key: Key, source: Source, options: PutOptions, start: MultipartStart): Promise<ObjectStat>;
