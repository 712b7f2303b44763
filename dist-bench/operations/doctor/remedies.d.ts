import type { ErrorCode } from '../../core/errors.js';
/** What stands behind an error code, and what to do about it. */
export interface Remedy {
    readonly cause: string;
    readonly remedy: string;
}
/** Every error code, with what usually causes it and what mends it. docs/TROUBLESHOOTING.md is made of it. */
export declare const REMEDIES: Readonly<Record<ErrorCode, Remedy>>;
