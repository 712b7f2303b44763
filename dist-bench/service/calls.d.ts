import { StorageError } from '../core/errors.js';
import type { CallOptions } from '../storage.js';
/** Counts the calls under way, gives each its deadline, and lets a close wait for them. */
export declare class Calls {
    #private;
    /** @param onOutcome told of every call's end: its operation, its error or undefined, and when it began */
    constructor(onOutcome: (op: string, error: unknown, startedAt: number) => void);
    get running(): number;
    /**
     * Runs a call. `call` gets a signal only where the options ask for one, so that plain calls pay for none.
     *
     * @param failureIn what a result that is no failure of the call tells of one of the store
     * @throws StorageError `INVALID_ARGUMENT` for options that are none, `UNAVAILABLE` (not retryable) once closed,
     *   `TIMEOUT` past the deadline
     */
    run<T>(op: string, options: CallOptions | undefined, call: (signal: AbortSignal | undefined) => Promise<T>, failureIn?: (result: T) => unknown): Promise<T>;
    /** Refuses further calls, and waits up to `drainMs` for those under way. @returns how many are left */
    close(drainMs: number): Promise<number>;
}
/** The error of a call on what was closed. */
export declare function closedError(op: string): StorageError;
