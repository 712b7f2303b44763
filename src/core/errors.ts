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
  REJECTED: { retryable: false, httpStatus: 422, exitCode: 1 },
  QUARANTINED: { retryable: false, httpStatus: 422, exitCode: 1 },
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
} as const satisfies Record<string, { retryable: boolean; httpStatus: number; exitCode: number }>

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
 * - `REJECTED` inspection does not allow the content, and nothing was stored; `QUARANTINED` nor does it, and the
 *   content is held where only operators reach it
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
export type ErrorCode = keyof typeof ERROR_CODES

/** What a {@link StorageError} is made of. */
export interface StorageErrorInit {
  readonly code: ErrorCode
  /** The operation that failed, such as `put` or `list`. */
  readonly op: string
  /** One sentence: what was wrong, what was got and what is accepted. It never holds a secret. */
  readonly message: string
  readonly key?: string | undefined
  /** The store that failed: `memory`, `local` or `s3`. */
  readonly store?: string | undefined
  /** Overrides what the code says. */
  readonly retryable?: boolean | undefined
  /** Milliseconds the store asked to wait before trying again. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** The only error Holdfast throws for a condition it knows. Act on {@link StorageError.code}, not on the text. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: ErrorCode
  readonly op: string
  declare readonly key?: string
  declare readonly store?: string
  readonly retryable: boolean
  declare readonly retryAfterMs?: number

  constructor(init: StorageErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause })
    this.code = init.code
    this.op = init.op
    if (init.key !== undefined) this.key = init.key
    if (init.store !== undefined) this.store = init.store
    this.retryable = init.retryable ?? ERROR_CODES[init.code].retryable
    if (init.retryAfterMs !== undefined) this.retryAfterMs = init.retryAfterMs
  }

  /** Whether `error` is a StorageError (of any copy of this package), of the given code if one is given. */
  static is(error: unknown, code?: ErrorCode): error is StorageError {
    if (!(error instanceof Error) || error.name !== 'StorageError' || !('code' in error)) return false
    return code === undefined || error.code === code
  }

  /** The error as plain data for JSON output and logs. The cause is left out: it may hold anything. */
  toJSON(): Record<string, unknown> {
    const { code, op, key, store, message, retryable, retryAfterMs } = this
    return { code, op, key, store, message, retryable, retryAfterMs }
  }
}

/** Throws `ABORTED` (or the StorageError given as the reason) if the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, op: string, key?: string): void {
  if (signal?.aborted) throw abortError(signal, op, key)
}

/** The error for a fired signal: its reason if that is a StorageError (a deadline of ours), else `ABORTED`. */
export function abortError(signal: AbortSignal, op: string, key?: string): StorageError {
  if (StorageError.is(signal.reason)) return signal.reason
  return new StorageError({
    code: 'ABORTED',
    op,
    key,
    message: 'The operation was aborted by its signal.',
    cause: signal.reason,
  })
}

/** A value as it is shown in an error message: quoted, escaped, and cut at 80 characters. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : typeof value === 'object'
        ? describe(value)
        : String(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function describe(value: object | null): string {
  if (value === null) return 'null'
  const name: unknown = value.constructor?.name
  return `an object of type ${typeof name === 'string' ? name : 'Object'}`
}
