import { type StubAnswer } from './s3-stub-answer.js';
import type { StubBucket, StubObject } from './s3-stub-bucket.js';
/** When an archived object that was asked back can be read: from and until, in milliseconds since the epoch. */
export interface Restore {
    readonly from: number;
    readonly until: number;
}
/** Refuses to read or copy what is archived and not restored (S3 API, "GetObject", InvalidObjectState). */
export declare function checkReadable(object: StubObject): void;
/** What GET and HEAD tell of a restoration (S3 API, "HeadObject", `x-amz-restore`). */
export declare function restoreHeaders({ restore }: StubObject): Record<string, string>;
/** RestoreObject. @param delayMs until the object can be read */
export declare function restoreObject(bucket: StubBucket, key: string, xml: string, delayMs: number): StubAnswer;
