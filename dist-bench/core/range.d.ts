/** A part of an object, in bytes: from `start` to `end` (inclusive; the object's end unless given), or the last `last` bytes. */
export type ByteRange = {
    readonly start: number;
    readonly end?: number | undefined;
} | {
    readonly last: number;
};
/** A range as it lies in an object of `size` bytes; `end` is inclusive (RFC 9110, section 14.4). */
export interface ResolvedRange {
    readonly start: number;
    readonly end: number;
    readonly size: number;
}
/**
 * Checks what can be checked of a range before the object's size is known.
 *
 * @throws StorageError `INVALID_ARGUMENT` for anything but whole, ordered, non-negative numbers
 */
export declare function checkRange(range: ByteRange): void;
/**
 * Lays a range over an object of `size` bytes, cutting what reaches past its end.
 *
 * @throws StorageError `INVALID_ARGUMENT` for anything but whole, ordered, non-negative numbers;
 *   `RANGE_NOT_SATISFIABLE` where no byte is left (RFC 9110, section 14.1.2)
 */
export declare function resolveRange(range: ByteRange, size: number, key?: string): ResolvedRange;
/** The range as a `Range` header (RFC 9110, section 14.2). */
export declare function formatRange(range: ByteRange): string;
