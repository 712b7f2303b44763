/**
 * What each error code means to a program: whether trying again can help, the HTTP status it is answered
 * with, and the exit code of the command line. The one table that maps codes to anything.
 */
export declare const ERROR_CODES: {
    readonly INVALID_KEY: {
        readonly retryable: false;
        readonly httpStatus: 400;
        readonly exitCode: 2;
    };
    readonly INVALID_ARGUMENT: {
        readonly retryable: false;
        readonly httpStatus: 400;
        readonly exitCode: 2;
    };
    readonly UNSUPPORTED: {
        readonly retryable: false;
        readonly httpStatus: 501;
        readonly exitCode: 1;
    };
    readonly CONFIG_INVALID: {
        readonly retryable: false;
        readonly httpStatus: 500;
        readonly exitCode: 2;
    };
    readonly NOT_FOUND: {
        readonly retryable: false;
        readonly httpStatus: 404;
        readonly exitCode: 3;
    };
    readonly ALREADY_EXISTS: {
        readonly retryable: false;
        readonly httpStatus: 412;
        readonly exitCode: 1;
    };
    readonly PRECONDITION_FAILED: {
        readonly retryable: false;
        readonly httpStatus: 412;
        readonly exitCode: 1;
    };
    readonly RANGE_NOT_SATISFIABLE: {
        readonly retryable: false;
        readonly httpStatus: 416;
        readonly exitCode: 1;
    };
    readonly TOO_LARGE: {
        readonly retryable: false;
        readonly httpStatus: 413;
        readonly exitCode: 1;
    };
    readonly QUOTA_EXCEEDED: {
        readonly retryable: false;
        readonly httpStatus: 413;
        readonly exitCode: 1;
    };
    readonly INTEGRITY: {
        readonly retryable: false;
        readonly httpStatus: 500;
        readonly exitCode: 1;
    };
    readonly UNAVAILABLE: {
        readonly retryable: true;
        readonly httpStatus: 503;
        readonly exitCode: 4;
    };
    readonly TIMEOUT: {
        readonly retryable: true;
        readonly httpStatus: 504;
        readonly exitCode: 4;
    };
    readonly THROTTLED: {
        readonly retryable: true;
        readonly httpStatus: 503;
        readonly exitCode: 4;
    };
    readonly UNAUTHENTICATED: {
        readonly retryable: false;
        readonly httpStatus: 401;
        readonly exitCode: 1;
    };
    readonly PERMISSION_DENIED: {
        readonly retryable: false;
        readonly httpStatus: 403;
        readonly exitCode: 1;
    };
    readonly NO_SUCH_BUCKET: {
        readonly retryable: false;
        readonly httpStatus: 500;
        readonly exitCode: 1;
    };
    readonly CLOCK_SKEW: {
        readonly retryable: false;
        readonly httpStatus: 500;
        readonly exitCode: 1;
    };
    readonly ARCHIVED: {
        readonly retryable: false;
        readonly httpStatus: 409;
        readonly exitCode: 1;
    };
    readonly NO_SPACE: {
        readonly retryable: false;
        readonly httpStatus: 507;
        readonly exitCode: 1;
    };
    readonly ABORTED: {
        readonly retryable: false;
        readonly httpStatus: 400;
        readonly exitCode: 130;
    };
    readonly INTERNAL: {
        readonly retryable: false;
        readonly httpStatus: 500;
        readonly exitCode: 1;
    };
};
/**
 * The condition an operation met, named so that a program can act on it:
 *
 * - `INVALID_KEY` the key breaks a rule of {@link parseKey}; `INVALID_ARGUMENT` another argument is wrong, or
 *   the content does not fit the `size` or `sha256` declared for it
 * - `UNSUPPORTED` this store cannot do what was asked; nothing was sent
 * - `CONFIG_INVALID` the configuration, or the state of the storage folder, must be mended by a person
 * - `NOT_FOUND` the store answered that there is no such object (an outage is never `NOT_FOUND`)
 * - `ALREADY_EXISTS` a create-only write (`ifNoneMatch: '*'`) found an object; `PRECONDITION_FAILED` another
 *   condition did not hold
 * - `RANGE_NOT_SATISFIABLE` the range starts past the end; `TOO_LARGE` over a size limit;
 *   `QUOTA_EXCEEDED` over a quota
 * - `INTEGRITY` stored bytes are not those that were written
 * - `UNAVAILABLE` the store cannot be reached or cannot answer; `TIMEOUT` a deadline passed; `THROTTLED` the
 *   store asked to slow down
 * - `UNAUTHENTICATED` the store does not know the credentials; `PERMISSION_DENIED` it knows and refuses them
 * - `NO_SUCH_BUCKET` the bucket does not exist; `CLOCK_SKEW` this machine's clock is too far from the store's
 * - `ARCHIVED` the object must be restored from an archive class first
 * - `NO_SPACE` the disk or the spool is full
 * - `ABORTED` the caller's signal, or the content's own source, ended the operation
 * - `INTERNAL` a defect of Holdfast
 */
export type ErrorCode = keyof typeof ERROR_CODES;
/** What a {@link StorageError} is made of. */
export interface StorageErrorInit {
    readonly code: ErrorCode;
    /** The operation that failed, such as `put` or `list`. */
    readonly op: string;
    /** One sentence: what was wrong, what was got and what is accepted. It never holds a secret. */
    readonly message: string;
    readonly key?: string | undefined;
    /** The store that failed: `memory`, `local` or `s3`. */
    readonly store?: string | undefined;
    /** Overrides what the code says. */
    readonly retryable?: boolean | undefined;
    /** Milliseconds the store asked to wait before trying again. */
    readonly retryAfterMs?: number | undefined;
    readonly cause?: unknown;
}
/** The only error Holdfast throws for a condition it knows. Act on {@link StorageError.code}, not on the text. */
export declare class StorageError extends Error {
    readonly name = "StorageError";
    readonly code: ErrorCode;
    readonly op: string;
    readonly key?: string;
    readonly store?: string;
    readonly retryable: boolean;
    readonly retryAfterMs?: number;
    constructor(init: StorageErrorInit);
    /** Whether `error` is a StorageError (of any copy of this package), of the given code if one is given. */
    static is(error: unknown, code?: ErrorCode): error is StorageError;
    /** The error as plain data for JSON output and logs. The cause is left out: it may hold anything. */
    toJSON(): Record<string, unknown>;
}
/** Throws `ABORTED` (or the StorageError given as the reason) if the signal has fired. */
export declare function throwIfAborted(signal: AbortSignal | undefined, op: string, key?: string): void;
/** The error for a fired signal: its reason if that is a StorageError (a deadline of ours), else `ABORTED`. */
export declare function abortError(signal: AbortSignal, op: string, key?: string): StorageError;
/** A value as it is shown in an error message: quoted, escaped, and cut at 80 characters. */
export declare function shown(value: unknown): string;
