import type { Attributes } from '../../core/attributes.js';
import { type Key } from '../../core/key.js';
import type { Condition, ObjectStat, OperationOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
import { type StoredObject } from './metadata.js';
/** A copy that the store makes by itself. */
export interface ServerCopy {
    readonly context: S3Context;
    readonly from: Key;
    readonly to: Key;
    readonly source: StoredObject;
    readonly attributes: Attributes;
    /** Headers that make it a copy of the source that was looked at, or none. */
    readonly conditions: readonly string[];
    /** Whether tags must be set by a request of their own. */
    readonly setsTags: boolean;
    readonly writeId: string | undefined;
    /** What is asked of the object that the copy replaces: as the caller says it, and as headers for the server. */
    readonly condition: Condition & OperationOptions;
    readonly conditionHeaders: readonly string[] | undefined;
    readonly signal: AbortSignal | undefined;
}
/** Copies an object in one request (S3 API, "CopyObject"). */
export declare function copyWhole(copy: ServerCopy): Promise<ObjectStat>;
/** Copies an object that is too large for one request, in ranges (S3 API, "UploadPartCopy"). */
export declare function copyParts(copy: ServerCopy): Promise<ObjectStat>;
