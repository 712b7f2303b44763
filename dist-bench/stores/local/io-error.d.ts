import { type ErrorCode, StorageError } from '../../core/errors.js';
/**
 * A failure of the local store as a StorageError: one that is one already stays as it is; system errors keep
 * their meaning (`NO_SPACE`, `TOO_LARGE`, `UNAVAILABLE`, `PERMISSION_DENIED`), anything else is `INTERNAL`.
 */
export declare function storageError(error: unknown, op: string, key?: string): StorageError;
/** A StorageError of the local store. */
export declare function failure(code: ErrorCode, op: string, key: string | undefined, message: string, cause?: unknown): StorageError;
