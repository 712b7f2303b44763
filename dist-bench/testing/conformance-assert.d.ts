import { type ErrorCode, StorageError } from '../core/errors.js';
/**
 * Asserts that the operation is refused with a StorageError of this code (or one of these).
 *
 * @returns the error
 */
export declare function rejects(code: ErrorCode | readonly ErrorCode[], run: () => Promise<unknown>): Promise<StorageError>;
/** The error, asserted to be what a store may reject with. */
export declare function asStorageError(error: unknown): StorageError;
/** Asserts equality without printing megabytes of bytes where it does not hold. */
export declare function sameBytes(actual: Buffer, expected: Buffer): void;
/** The promise's outcome, asserted to come before the runner's own patience ends, so that a check that hangs still cleans up. */
export declare function inTime<T>(what: string, promise: Promise<T>, milliseconds?: number): Promise<T>;
/** Waits for every one of the tasks, also when one fails: none goes on behind the check. */
export declare function together(tasks: Iterable<Promise<unknown>>): Promise<void>;
