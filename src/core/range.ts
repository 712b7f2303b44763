import { StorageError, shown } from './errors.js'

/** A part of an object, in bytes: from `start` to `end` (inclusive; the object's end unless given), or the last `last` bytes. */
export type ByteRange =
  | { readonly start: number; readonly end?: number | undefined }
  | { readonly last: number }

/** A range as it lies in an object of `size` bytes; `end` is inclusive (RFC 9110, section 14.4). */
export interface ResolvedRange {
  readonly start: number
  readonly end: number
  readonly size: number
}

/**
 * Checks what can be checked of a range before the object's size is known.
 *
 * @throws StorageError `INVALID_ARGUMENT` for anything but whole, ordered, non-negative numbers
 */
export function checkRange(range: ByteRange): void {
  if (typeof range !== 'object' || range === null) {
    throw invalid(`Invalid range ${shown(range)}; accepted: { start, end } or { last } in bytes.`)
  }
  if ('last' in range) {
    whole(range.last, 'range.last')
    return
  }
  whole(range.start, 'range.start')
  if (range.end === undefined) return
  whole(range.end, 'range.end')
  if (range.end < range.start) throw invalid(`range.end ${range.end} lies before range.start ${range.start}.`)
}

/**
 * Lays a range over an object of `size` bytes, cutting what reaches past its end.
 *
 * @throws StorageError `INVALID_ARGUMENT` for anything but whole, ordered, non-negative numbers;
 *   `RANGE_NOT_SATISFIABLE` where no byte is left (RFC 9110, section 14.1.2)
 */
export function resolveRange(range: ByteRange, size: number, key?: string): ResolvedRange {
  checkRange(range)
  if ('last' in range) {
    if (range.last === 0 || size === 0) throw unsatisfiable(range, size, key)
    return { start: Math.max(0, size - range.last), end: size - 1, size }
  }
  if (range.start >= size) throw unsatisfiable(range, size, key)
  return { start: range.start, end: Math.min(range.end ?? size - 1, size - 1), size }
}

/** The range as a `Range` header (RFC 9110, section 14.2). */
export function formatRange(range: ByteRange): string {
  return 'last' in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end ?? ''}`
}

function whole(value: unknown, name: string): void {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return
  throw invalid(`${name} is a whole number of bytes from 0 up, and not ${shown(value)}.`)
}

function invalid(message: string): StorageError {
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'get', message })
}

function unsatisfiable(range: ByteRange, size: number, key: string | undefined): StorageError {
  return new StorageError({
    code: 'RANGE_NOT_SATISFIABLE',
    op: 'get',
    key,
    message: `The range ${formatRange(range)} holds no byte of an object of ${size} bytes.`,
  })
}
