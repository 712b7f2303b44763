/**
 * What each error code means to a program: whether trying again can help, the HTTP status it is answered
 * with, and the exit code of the command line. The one table that maps codes to anything.
 */
export const ERROR_CODES = {
    INVALID_KEY: { retryable: false, httpStatus: 400, exitCode: 2 },
    INVALID_ARGUMENT: { retryable: false, httpStatus: 400, exitCode: 2 },
    UNSUPPORTED: { retryable: false, httpStatus: 501, exitCode: 1 },
    CONFIG_INVALID: { retryable: false, httpStatus: 500, exitCode: 2 },
    NOT_FOUND: { retryable: false, httpStatus: 404, exitCode: 3 },
    ALREADY_EXISTS: { retryable: false, httpStatus: 412, exitCode: 1 },
    PRECONDITION_FAILED: { retryable: false, httpStatus: 412, exitCode: 1 },
    RANGE_NOT_SATISFIABLE: { retryable: false, httpStatus: 416, exitCode: 1 },
    TOO_LARGE: { retryable: false, httpStatus: 413, exitCode: 1 },
    QUOTA_EXCEEDED: { retryable: false, httpStatus: 413, exitCode: 1 },
    INTEGRITY: { retryable: false, httpStatus: 500, exitCode: 1 },
    UNAVAILABLE: { retryable: true, httpStatus: 503, exitCode: 4 },
    TIMEOUT: { retryable: true, httpStatus: 504, exitCode: 4 },
    THROTTLED: { retryable: true, httpStatus: 503, exitCode: 4 },
    UNAUTHENTICATED: { retryable: false, httpStatus: 401, exitCode: 1 },
    PERMISSION_DENIED: { retryable: false, httpStatus: 403, exitCode: 1 },
    NO_SUCH_BUCKET: { retryable: false, httpStatus: 500, exitCode: 1 },
    CLOCK_SKEW: { retryable: false, httpStatus: 500, exitCode: 1 },
    ARCHIVED: { retryable: false, httpStatus: 409, exitCode: 1 },
    NO_SPACE: { retryable: false, httpStatus: 507, exitCode: 1 },
    ABORTED: { retryable: false, httpStatus: 400, exitCode: 130 },
    INTERNAL: { retryable: false, httpStatus: 500, exitCode: 1 },
};
/** The only error Holdfast throws for a condition it knows. Act on {@link StorageError.code}, not on the text. */
export class StorageError extends Error {
    name = 'StorageError';
    code;
    op;
    retryable;
    constructor(init) {
        super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
        this.code = init.code;
        this.op = init.op;
        if (init.key !== undefined)
            this.key = init.key;
        if (init.store !== undefined)
            this.store = init.store;
        this.retryable = init.retryable ?? ERROR_CODES[init.code].retryable;
        if (init.retryAfterMs !== undefined)
            this.retryAfterMs = init.retryAfterMs;
    }
    /** Whether `error` is a StorageError (of any copy of this package), of the given code if one is given. */
    static is(error, code) {
        if (!(error instanceof Error) || error.name !== 'StorageError' || !('code' in error))
            return false;
        return code === undefined || error.code === code;
    }
    /** The error as plain data for JSON output and logs. The cause is left out: it may hold anything. */
    toJSON() {
        const { code, op, key, store, message, retryable, retryAfterMs } = this;
        return { code, op, key, store, message, retryable, retryAfterMs };
    }
}
/** Throws `ABORTED` (or the StorageError given as the reason) if the signal has fired. */
export function throwIfAborted(signal, op, key) {
    if (signal?.aborted)
        throw abortError(signal, op, key);
}
/** The error for a fired signal: its reason if that is a StorageError (a deadline of ours), else `ABORTED`. */
export function abortError(signal, op, key) {
    if (StorageError.is(signal.reason))
        return signal.reason;
    return new StorageError({
        code: 'ABORTED',
        op,
        key,
        message: 'The operation was aborted by its signal.',
        cause: signal.reason,
    });
}
/** A value as it is shown in an error message: quoted, escaped, and cut at 80 characters. */
export function shown(value) {
    const text = typeof value === 'string'
        ? JSON.stringify(value)
        : typeof value === 'object'
            ? describe(value)
            : String(value);
    return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
function describe(value) {
    if (value === null)
        return 'null';
    const name = value.constructor?.name;
    return `an object of type ${typeof name === 'string' ? name : 'Object'}`;
}
//# sourceMappingURL=errors.js.map