import { StorageError, shown } from './errors.js';
import { parseStorageClass } from './storage-class.js';
/** S3's limit on user metadata: bytes of names and encoded values together (S3 API, "PutObject"). */
export const MAX_METADATA_BYTES = 2048;
/**
 * What Holdfast's own entries (write id, stamp, part size, SHA-256, original, expiry) may take of {@link MAX_METADATA_BYTES}:
 * always counted as if all were there, so that the same metadata fits, or does not, on every store.
 */
export const OWN_METADATA_BYTES = 448;
/** Metadata names of this start are Holdfast's own. */
export const OWN_METADATA_PREFIX = 'holdfast-';
/** What an object has when nobody said or found out (RFC 2046, section 4.5.1). */
export const DEFAULT_CONTENT_TYPE = 'application/octet-stream';
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const MEDIA_TYPE = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+(?:[ \t]*;[ \t]*[A-Za-z0-9!#$%&'*+.^_`|~-]+=(?:[A-Za-z0-9!#$%&'*+.^_`|~-]+|"[\t !#-[\]-~]*"))*$/;
const PRINTABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const EMPTY = Object.freeze({});
/**
 * Checks and freezes what an object is to carry.
 *
 * - `contentType`: a media type (RFC 9110, section 8.3.1), at most 255 characters
 * - `contentDisposition`, `cacheControl`, `contentEncoding`: printable ASCII
 * - `storageClass`: see {@link parseStorageClass}
 * - `fileName`: well-formed Unicode without control characters, 1 to 255 bytes encoded
 * - `metadata`: names are lower-case tokens (RFC 9110, section 5.6.2) not starting with `holdfast-`, values
 *   well-formed Unicode without control characters; at most 2048 bytes encoded, Holdfast's own included
 * - `tags`: at most 10, names of 1 to 128 and values of 0 to 256 characters (S3 API, "Object tagging")
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export function parseAttributes(input, op = 'put') {
    const { contentType = DEFAULT_CONTENT_TYPE } = input;
    if (contentType !== DEFAULT_CONTENT_TYPE) {
        check(typeof contentType === 'string' && contentType.length <= 255 && MEDIA_TYPE.test(contentType), op, 'contentType', contentType, 'a media type such as "image/png", of at most 255 characters');
    }
    const { fileName, contentDisposition, cacheControl, contentEncoding, storageClass } = input;
    const headers = { contentDisposition, cacheControl, contentEncoding };
    let given = storageClass !== undefined;
    if (given)
        parseStorageClass(storageClass, op);
    for (const [name, value] of Object.entries(headers)) {
        if (value === undefined)
            continue;
        given = true;
        check(typeof value === 'string' && value.length <= 1024 && PRINTABLE.test(value), op, name, value, 'printable ASCII of at most 1024 characters');
    }
    if (fileName !== undefined) {
        check(isText(fileName) && fileName !== '' && encodeMetadataValue(fileName).length <= 512, op, 'fileName', fileName, 'well-formed Unicode without control characters, 1 to 512 bytes when encoded for a header');
    }
    const metadata = input.metadata === undefined ? EMPTY : parseMetadata(input.metadata, op);
    const tags = input.tags === undefined ? undefined : parseTags(input.tags, op);
    const bytes = encodedBytes(metadata) + (fileName === undefined ? 0 : encodeMetadataValue(fileName).length + 18);
    if (bytes + OWN_METADATA_BYTES > MAX_METADATA_BYTES) {
        const room = MAX_METADATA_BYTES - OWN_METADATA_BYTES;
        throw invalid(op, `The metadata takes ${bytes} bytes when encoded (fileName included), and at most ${room} are accepted.`);
    }
    if (!given && fileName === undefined && tags === undefined)
        return { contentType, metadata };
    return attributesOf({
        contentType,
        metadata,
        fileName,
        contentDisposition,
        cacheControl,
        contentEncoding,
        storageClass,
        tags,
    });
}
/** What an object carries, and nothing else of a stat that was given for it. */
export function attributesOf(carried) {
    const { contentType, fileName, contentDisposition, cacheControl, contentEncoding, metadata, tags, storageClass, original, expiresAt, } = carried;
    return {
        contentType,
        metadata,
        ...(fileName !== undefined && { fileName }),
        ...(contentDisposition !== undefined && { contentDisposition }),
        ...(cacheControl !== undefined && { cacheControl }),
        ...(contentEncoding !== undefined && { contentEncoding }),
        ...(tags !== undefined && { tags }),
        ...(storageClass !== undefined && { storageClass }),
        ...(original !== undefined && { original }),
        ...(expiresAt !== undefined && { expiresAt }),
    };
}
function parseMetadata(metadata, op) {
    const parsed = Object.create(null);
    for (const [name, value] of Object.entries(record(metadata, op, 'metadata'))) {
        check(TOKEN.test(name) && !name.startsWith(OWN_METADATA_PREFIX), op, 'metadata name', name, `lower-case letters, digits and !#$%&'*+.^_\`|~-, not starting with "${OWN_METADATA_PREFIX}"`);
        check(isText(value), op, `metadata value of "${name}"`, value, 'well-formed Unicode without control characters');
        parsed[name] = value;
    }
    return Object.freeze(parsed);
}
/**
 * Checks and freezes the tags of an object (S3 API, "Object tagging"): at most 10, names of 1 to 128 and values of 0 to
 * 256 letters, digits, spaces and `+-=._:/@`.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export function parseTags(tags, op) {
    const parsed = Object.create(null);
    const entries = Object.entries(record(tags, op, 'tags'));
    if (entries.length > 10)
        throw invalid(op, `An object has at most 10 tags, and ${entries.length} were given.`);
    for (const [name, value] of entries) {
        check(isTag(name) && name.length >= 1 && name.length <= 128 && !name.startsWith('aws:'), op, 'tag name', name, '1 to 128 letters, digits, spaces and +-=._:/@, not starting with "aws:"');
        check(isTag(value) && value.length <= 256, op, `tag value of "${name}"`, value, 'at most 256 letters, digits, spaces and +-=._:/@');
        parsed[name] = value;
    }
    return Object.freeze(parsed);
}
function isTag(value) {
    return typeof value === 'string' && /^[\p{L}\p{Nd}\p{Zs}+\-=._:/@]*$/u.test(value);
}
function record(value, op, name) {
    check(
    // Maps and their like have no properties: what they hold would be lost without a word.
    typeof value === 'object' && value !== null && !(Symbol.iterator in value), op, name, value, 'a plain object of strings');
    return value;
}
function isText(value) {
    return typeof value === 'string' && value.isWellFormed() && !CONTROL.test(value);
}
function encodedBytes(metadata) {
    let bytes = 0;
    for (const [name, value] of Object.entries(metadata))
        bytes += name.length + encodeMetadataValue(value).length;
    return bytes;
}
function check(holds, op, name, value, accepted) {
    if (!holds)
        throw invalid(op, `Invalid ${name} ${shown(value)}; accepted: ${accepted}.`);
}
function invalid(op, message) {
    return new StorageError({ code: 'INVALID_ARGUMENT', op, message });
}
/**
 * Any Unicode as a header value: itself where it is printable ASCII that nobody could take for an encoded
 * word, else one RFC 2047 encoded word in UTF-8 and base64, the form that S3 itself answers with.
 */
export function encodeMetadataValue(value) {
    if (value === '' || (PRINTABLE.test(value) && !value.includes('=?')))
        return value;
    return `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
}
/** Reads what {@link encodeMetadataValue} or another S3 client wrote: RFC 2047 words in UTF-8, B or Q. */
export function decodeMetadataValue(value) {
    if (!value.includes('=?'))
        return value;
    return value
        .replace(/(\?=)\s+(?==\?)/g, '$1')
        .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, form, text) => form.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString() : decodeQ(text));
}
function decodeQ(text) {
    const bytes = text
        .replace(/_/g, ' ')
        .replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString();
}
//# sourceMappingURL=attributes.js.map