import { DEFAULT_CONTENT_TYPE, decodeMetadataValue, encodeMetadataValue, OWN_METADATA_PREFIX, } from '../../core/attributes.js';
import { formatOriginal, parseOriginal } from '../../core/compression.js';
import { formatStamp, parseStamp } from '../../core/stamp.js';
import { STANDARD } from '../../core/storage-class.js';
import { parseDate } from './answer-headers.js';
import { archiveOf } from './archive.js';
import { canonicalQuery } from './sigv4.js';
const USER = 'x-amz-meta-';
const ID = `${OWN_METADATA_PREFIX}id`;
const STAMP = `${OWN_METADATA_PREFIX}stamp`;
const SHA256 = `${OWN_METADATA_PREFIX}sha256`;
const PART_SIZE = `${OWN_METADATA_PREFIX}part-size`;
/** What the stored bytes were compressed from; the object's Content-Encoding tells others. */
const ORIGINAL = `${OWN_METADATA_PREFIX}original`;
/** When the object is gone, as ISO 8601 writes it: for whoever looks at the bucket. */
const EXPIRES = `${OWN_METADATA_PREFIX}expires`;
const FILE_NAME = `${OWN_METADATA_PREFIX}file-name`;
/** A user's name with `_` in it follows, in which `~u` stands for `_` and `~~` for `~`. */
const ESCAPED = `${OWN_METADATA_PREFIX}name-`;
/**
 * The headers that make S3 keep what an object carries (S3 API, "PutObject"). Some servers turn `_` in a metadata
 * name into `-`: there, and nowhere else, such names are sent in another form.
 */
export function objectHeaders(context, attributes, own) {
    const plain = !Object.keys(attributes.metadata).some(name => name.includes('_'));
    if (plain)
        return headersOf(attributes, own, false);
    return context.profile.ask('keepsUnderscores').then(keeps => headersOf(attributes, own, !keeps));
}
function headersOf(attributes, own, escaped) {
    const headers = [
        'content-type',
        attributes.contentType,
        `${USER}${ID}`,
        own.writeId,
        `${USER}${STAMP}`,
        formatStamp(own.stamp),
    ];
    const add = (name, value) => {
        if (value !== undefined)
            headers.push(name, value);
    };
    add(`${USER}${SHA256}`, own.sha256);
    add(`${USER}${PART_SIZE}`, own.parts);
    if (attributes.original !== undefined)
        add(`${USER}${ORIGINAL}`, formatOriginal(attributes.original));
    if (attributes.expiresAt !== undefined)
        add(`${USER}${EXPIRES}`, new Date(attributes.expiresAt).toISOString());
    add('cache-control', attributes.cacheControl);
    add('content-disposition', attributes.contentDisposition);
    add('content-encoding', attributes.contentEncoding);
    add('x-amz-storage-class', attributes.storageClass);
    if (attributes.fileName !== undefined) {
        headers.push(`${USER}${FILE_NAME}`, encodeMetadataValue(attributes.fileName));
    }
    for (const name in attributes.metadata) {
        const sent = escaped && name.includes('_') ? ESCAPED + escapeName(name) : name;
        headers.push(USER + sent, encodeMetadataValue(attributes.metadata[name]));
    }
    const { tags } = attributes;
    if (tags !== undefined && Object.keys(tags).length > 0) {
        headers.push('x-amz-tagging', canonicalQuery(Object.entries(tags)));
    }
    return headers;
}
/** What an object is after a write that the store acknowledged. */
export function writtenStat(key, attributes, own, written) {
    // Spelled out: spreading the attributes takes ten times as long, on every small write.
    const stat = {
        key,
        size: written.size,
        etag: written.etag,
        lastModified: new Date(written.time),
        contentType: attributes.contentType,
        metadata: attributes.metadata,
        writeId: own.writeId,
        stamp: own.stamp,
    };
    if (attributes.fileName !== undefined)
        stat.fileName = attributes.fileName;
    if (attributes.contentDisposition !== undefined)
        stat.contentDisposition = attributes.contentDisposition;
    if (attributes.cacheControl !== undefined)
        stat.cacheControl = attributes.cacheControl;
    if (attributes.contentEncoding !== undefined)
        stat.contentEncoding = attributes.contentEncoding;
    if (attributes.storageClass !== undefined)
        stat.storageClass = attributes.storageClass;
    if (attributes.tags !== undefined)
        stat.tags = attributes.tags;
    if (attributes.original !== undefined)
        stat.original = attributes.original;
    if (attributes.expiresAt !== undefined)
        stat.expiresAt = attributes.expiresAt;
    const sha256 = written.sha256 ?? own.sha256;
    if (sha256 !== undefined)
        stat.sha256 = sha256;
    if (written.versionId !== undefined)
        stat.versionId = written.versionId;
    return stat;
}
/** Reads the head of an answer to GET or HEAD. */
export function readStoredObject(key, headers, size) {
    const metadata = Object.create(null);
    const stat = {
        key,
        size,
        etag: '',
        lastModified: EPOCH,
        contentType: DEFAULT_CONTENT_TYPE,
        metadata,
    };
    let parts;
    let encryption;
    let restore;
    let archiveStatus;
    let tagCount = 0;
    headers.each((name, value) => {
        if (name.startsWith(USER)) {
            const own = name.slice(USER.length);
            if (!own.startsWith(OWN_METADATA_PREFIX))
                metadata[own] = decodeMetadataValue(value);
            else if (own === PART_SIZE)
                parts = value;
            else if (own.startsWith(ESCAPED))
                metadata[unescapeName(own)] = decodeMetadataValue(value);
            else
                readOwn(stat, own, value);
            return;
        }
        switch (name) {
            case 'etag':
                stat.etag = unquote(value);
                break;
            case 'last-modified':
                stat.lastModified = new Date(parseDate(value) ?? 0);
                break;
            case 'content-type':
                stat.contentType = value;
                break;
            case 'content-disposition':
                stat.contentDisposition = value;
                break;
            case 'cache-control':
                stat.cacheControl = value;
                break;
            case 'content-encoding':
                setEncoding(stat, value);
                break;
            case 'x-amz-storage-class':
                if (value !== STANDARD)
                    stat.storageClass = value;
                break;
            case 'x-amz-version-id':
                if (value !== 'null')
                    stat.versionId = value;
                break;
            case 'x-amz-server-side-encryption':
            case 'x-amz-server-side-encryption-customer-algorithm':
                encryption = name.endsWith('algorithm') ? 'customer' : value;
                break;
            case 'x-amz-tagging-count':
                tagCount = Number(value);
                break;
            case 'x-amz-restore':
                restore = value;
                break;
            case 'x-amz-archive-status':
                archiveStatus = value;
                break;
        }
    });
    if (tagCount > 0)
        stat.tagCount = tagCount;
    if (stat.storageClass !== undefined) {
        const archive = archiveOf(stat.storageClass, restore, archiveStatus);
        if (archive !== undefined)
            stat.archive = archive;
    }
    return { stat, parts, encryption, tagCount };
}
const EPOCH = new Date(0);
function readOwn(stat, name, value) {
    if (name === ID)
        stat.writeId = value;
    else if (name === SHA256) {
        if (/^[0-9a-f]{64}$/.test(value))
            stat.sha256 = value;
    }
    else if (name === FILE_NAME)
        stat.fileName = decodeMetadataValue(value);
    else if (name === STAMP) {
        const stamp = parseStamp(value);
        if (stamp !== undefined)
            stat.stamp = stamp;
    }
    else if (name === ORIGINAL) {
        const original = parseOriginal(value);
        if (original !== undefined)
            stat.original = original;
    }
    else if (name === EXPIRES) {
        const time = Date.parse(value);
        if (!Number.isNaN(time))
            stat.expiresAt = time;
    }
}
function escapeName(name) {
    return name.replace(/[_~]/g, found => (found === '_' ? '~u' : '~~'));
}
function unescapeName(own) {
    return own.slice(ESCAPED.length).replace(/~([u~])/g, (_, found) => (found === 'u' ? '_' : '~'));
}
/** Some servers keep the framing of a chunked upload as if it were an encoding of the content. */
function setEncoding(stat, value) {
    const encoding = value.replace(/\baws-chunked\b,?\s*/g, '').replace(/,\s*$/, '');
    if (encoding !== '')
        stat.contentEncoding = encoding;
}
/** An ETag as Holdfast names it: without quotes. */
export function unquote(etag) {
    return etag.replace(/^(?:W\/)?"|"$/g, '');
}
//# sourceMappingURL=metadata.js.map