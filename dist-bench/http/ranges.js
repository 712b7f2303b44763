/**
 * Reads a `Range` header (RFC 9110, section 14.2). Undefined means that the whole file is the answer: for no header,
 * for units other than bytes, for one that breaks the grammar (`bytes=5-2`), and for several ranges, which a server
 * may answer whole; so nobody can ask for a thousand overlapping parts.
 */
export function parseRange(header) {
    if (header === undefined)
        return undefined;
    const match = /^bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*$/i.exec(header);
    if (match === null)
        return undefined;
    const [, first, end, last] = match;
    if (last !== undefined)
        return { last: position(last) };
    if (first === undefined || end === undefined || end === '')
        return { start: position(first ?? '') };
    const range = { start: position(first), end: position(end) };
    return range.end < range.start ? undefined : range;
}
/** A number of any length: what no file reaches counts as the largest that is exact. */
function position(digits) {
    return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}
//# sourceMappingURL=ranges.js.map