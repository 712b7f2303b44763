import { StorageError, shown } from './errors.js';
/** The longest key, in bytes of UTF-8 (S3 API, "Object key naming"). */
export const MAX_KEY_BYTES = 1024;
/** Names below this prefix are Holdfast's own on every store, and hidden from listings. */
export const RESERVED_PREFIX = '.holdfast/';
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
// Everything but lower-case letters, digits, '.', '-', '_' and '/' takes the slow path.
const PLAIN = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
/**
 * Parses an object key: 1 to 1024 bytes of well-formed UTF-8, without control characters, backslashes, a
 * leading `/`, or an empty, `.` or `..` segment, and not below `.holdfast/`. The key is taken as it is: it is
 * never trimmed, decoded or normalised.
 *
 * @throws StorageError `INVALID_KEY` naming the rule that was broken
 */
export function parseKey(value, op = 'key') {
    if (typeof value === 'string' && value.length <= MAX_KEY_BYTES && PLAIN.test(value))
        return value;
    const problem = keyProblem(value);
    if (problem !== undefined)
        throw invalid(op, `Invalid key ${shown(value)}: ${problem}`, value);
    return value;
}
/** Whether {@link parseKey} takes the value. */
export function isKey(value) {
    return keyProblem(value) === undefined;
}
/** A key of Holdfast's own, below {@link RESERVED_PREFIX}. */
export function internalKey(name) {
    return `${RESERVED_PREFIX}${name}`;
}
function keyProblem(value) {
    const problem = textProblem(value, 'a key');
    if (problem !== undefined)
        return problem;
    const key = value;
    if (key === '')
        return 'a key has at least one character.';
    if (key.startsWith('/'))
        return 'a key does not start with "/".';
    for (const segment of key.split('/')) {
        if (segment === '')
            return 'a key has no empty segment ("//", or "/" at its end).';
        if (segment === '.' || segment === '..')
            return `a key has no "${segment}" segment.`;
    }
    if (key.startsWith(RESERVED_PREFIX) || `${key}/` === RESERVED_PREFIX) {
        return `names below "${RESERVED_PREFIX}" are reserved.`;
    }
    return undefined;
}
/**
 * Parses a key prefix, the start of the keys that are meant: any start of a valid key, `''` for all. It is a
 * string prefix, not a folder: `a/b` also covers `a/bc`.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export function parsePrefix(value, op = 'list') {
    let problem = textProblem(value, 'a prefix');
    if (problem === undefined) {
        const prefix = value;
        if (prefix.startsWith('/'))
            problem = 'a prefix does not start with "/".';
        else if (prefix.includes('//'))
            problem = 'a prefix has no empty segment ("//").';
        else if (/(^|\/)\.\.?\//.test(prefix))
            problem = 'a prefix has no "." or ".." segment.';
    }
    if (problem === undefined)
        return value;
    throw new StorageError({
        code: 'INVALID_ARGUMENT',
        op,
        message: `Invalid prefix ${shown(value)}: ${problem}`,
    });
}
/** The rules that keys and prefixes share; returns what is wrong, or undefined. */
function textProblem(value, what) {
    if (typeof value !== 'string')
        return `${what} is a string, not ${value === null ? 'null' : typeof value}.`;
    // A UTF-16 unit takes at most three bytes, so only longer strings need counting.
    if (value.length * 3 > MAX_KEY_BYTES) {
        const bytes = Buffer.byteLength(value);
        if (bytes > MAX_KEY_BYTES)
            return `${what} has at most ${MAX_KEY_BYTES} bytes of UTF-8, and this has ${bytes}.`;
    }
    if (!value.isWellFormed())
        return `${what} is well-formed Unicode, and this holds a lone surrogate.`;
    if (CONTROL.test(value))
        return `${what} has no control characters.`;
    if (value.includes('\\'))
        return `${what} has no backslash.`;
    return undefined;
}
function invalid(op, message, value) {
    return new StorageError({
        code: 'INVALID_KEY',
        op,
        message,
        ...(typeof value === 'string' && { key: value.slice(0, MAX_KEY_BYTES) }),
    });
}
/**
 * Compares two strings by their bytes of UTF-8, the order of S3's listings. JavaScript's own comparison is by
 * UTF-16 unit, which puts U+FFFD after U+1F600.
 *
 * @returns a negative number, zero or a positive number
 */
export function compareUtf8(a, b) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
        const x = a.charCodeAt(i);
        const y = b.charCodeAt(i);
        if (x !== y) {
            // Surrogates stand for code points past U+FFFF, which come after every other unit.
            const xHigh = x >= 0xd800 && x <= 0xdfff;
            const yHigh = y >= 0xd800 && y <= 0xdfff;
            return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
        }
    }
    return a.length - b.length;
}
/** The key as a URL path: every byte but RFC 3986's unreserved characters and `/` percent-encoded. */
export function encodeKey(key) {
    return PLAIN.test(key) ? key : encodeURIComponent(key).replace(/%2F|[!'()*]/g, encodeRest);
}
function encodeRest(found) {
    return found === '%2F' ? '/' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`;
}
//# sourceMappingURL=key.js.map