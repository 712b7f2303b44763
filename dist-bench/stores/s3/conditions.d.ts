import { StorageError } from '../../core/errors.js';
import type { Key } from '../../core/key.js';
import type { Condition, ObjectStat, OperationOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
/** A write's condition, in the words of the endpoint. */
export interface WriteConditions {
    /** Headers for the request that publishes the object. */
    readonly headers: readonly string[];
    /** Called once it turns out that the content needs more than one request. @throws `UNSUPPORTED` */
    requireMultipart(): Promise<void>;
}
/**
 * Translates a condition on a write for this endpoint. S3 has no "unless it is this ETag" for writes: it
 * becomes a condition on what is there now, which holds as long as nobody changes it in between.
 *
 * @param feature what publishes the object: a PUT, unless it is known already that the content needs more than one request
 * @throws StorageError `UNSUPPORTED` where the endpoint ignores such conditions; `PRECONDITION_FAILED`
 */
export declare function writeConditions(context: S3Context, key: Key, condition: Condition & OperationOptions, feature: 'conditionalPut' | 'conditionalComplete' | 'conditionalCopy'): Promise<WriteConditions>;
/**
 * Decides what a condition that did not hold means: where an earlier try of the same write was applied and its
 * answer lost, the write itself stands in its own way, and has succeeded.
 */
export declare function settleCondition(context: S3Context, key: Key, writeId: string, error: unknown, options: Condition & OperationOptions): Promise<ObjectStat>;
/** The error for a condition that did not hold. */
export declare function conditionFailed(op: string, key: Key, condition: Condition, cause?: unknown): StorageError;
