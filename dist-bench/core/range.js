import { StorageError, shown } from './errors.js';
/**
 * Checks what can be checked of a range before the object's size is known.
 *
 * @throws StorageError `INVALID_ARGUMENT` for anything but whole, ordered, non-negative numbers
 */
export function checkRange(range) {
    if (typeof range !== 'object' || range === null) {
        throw invalid(`Invalid range ${shown(range)}; accepted: { start, end } or { last } in bytes.`);
    }
    if ('last' in range) {
        whole(range.last, 'range.last');
        return;
    }
    whole(range.start, 'range.start');
    if (range.end === undefined)
        return;
    whole(range.end, 'range.end');
    if (range.end < range.start)
        throw invalid(`range.end ${range.end} lies before range.start ${range.start}.`);
}
/**
 * Lays a range over an object of `size` bytes, cutting what reaches past its end.
 *
 * @throws StorageError `INVALID_ARGUMENT` for anything but whole, ordered, non-negative numbers;
 *   `RANGE_NOT_SATISFIABLE` where no byte is left (RFC 9110, section 14.1.2)
 */
export function resolveRange(range, size, key) {
    checkRange(range);
    if ('last' in range) {
        if (range.last === 0 || size === 0)
            throw unsatisfiable(range, size, key);
        return { start: Math.max(0, size - range.last), end: size - 1, size };
    }
    if (range.start >= size)
        throw unsatisfiable(range, size, key);
    return { start: range.start, end: Math.min(range.end ?? size - 1, size - 1), size };
}
/** The range as a `Range` header (RFC 9110, section 14.2). */
export function formatRange(range) {
    return 'last' in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end ?? ''}`;
}
function whole(value, name) {
    if (Number.isSafeInteger(value) && value >= 0)
        return;
    throw invalid(`${name} is a whole number of bytes from 0 up, and not ${shown(value)}.`);
}
function invalid(message) {
    return new StorageError({ code: 'INVALID_ARGUMENT', op: 'get', message });
}
function unsatisfiable(range, size, key) {
    return new StorageError({
        code: 'RANGE_NOT_SATISFIABLE',
        op: 'get',
        key,
        message: `The range ${formatRange(range)} holds no byte of an object of ${size} bytes.`,
    });
}
//# sourceMappingURL=range.js.map