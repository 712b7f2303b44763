import type { Condition } from './store.js';
/** What {@link checkEtags} decides about, for its errors. */
export interface ConditionContext {
    readonly op: string;
    readonly key: string;
    /** The store that decides. */
    readonly store: string;
}
/** Whether there is anything to decide. */
export declare function isConditional(condition: Condition): boolean;
/**
 * Checks a condition against the object that is there now (RFC 9110, section 13.1; S3 API, "Conditional requests").
 *
 * @param etags the ETags that the object goes by; none if there is no object
 * @throws StorageError `ALREADY_EXISTS`, `PRECONDITION_FAILED`
 */
export declare function checkEtags(context: ConditionContext, etags: readonly (string | undefined)[], { ifMatch, ifNoneMatch }: Condition): void;
