import { type StubAnswer } from './s3-stub-answer.js';
import type { StubBucket } from './s3-stub-bucket.js';
/** ListObjectsV2 over a stub's bucket. */
export declare function listObjects(bucket: StubBucket, query: URLSearchParams): StubAnswer;
/** ListObjectVersions over a stub's bucket. */
export declare function listVersions(bucket: StubBucket, query: URLSearchParams): StubAnswer;
/** ListMultipartUploads, in one page. */
export declare function listUploads(bucket: StubBucket): StubAnswer;
/** ListParts, in one page. */
export declare function listParts(bucket: StubBucket, key: string, id: string | null): StubAnswer;
