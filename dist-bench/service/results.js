import { encodeKey } from '../core/key.js';
import { STANDARD } from '../core/storage-class.js';
import { isFallback } from './health.js';
/** What users see of a listed object. */
export function listedFile(object) {
    const { key, size, etag, lastModified, storageClass } = object;
    return {
        key,
        size,
        etag,
        lastModified,
        pending: object.pending === true,
        ...(storageClass !== undefined && storageClass !== STANDARD && { storageClass }),
    };
}
/** What users see of an object: everything but Holdfast's own bookkeeping. */
export function fileStat(stat) {
    const { writeId, stamp, path, tags, tagCount = countOf(tags), storageClass, expiresAt, original, ...rest } = stat;
    const visible = {
        ...rest,
        ...(storageClass !== undefined && storageClass !== STANDARD && { storageClass }),
        ...(tagCount > 0 && { tagCount }),
        ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    };
    if (original === undefined)
        return { ...visible, pending: stat.pending === true };
    // The encoding is the store's, and is undone for readers.
    const { contentEncoding, ...content } = visible;
    const { size, sha256 } = original;
    return {
        ...content,
        size,
        sha256,
        compressed: storedCompressed(stat, original),
        pending: stat.pending === true,
    };
}
function countOf(tags) {
    return tags === undefined ? 0 : Object.keys(tags).length;
}
function storedCompressed({ size, sha256 }, { encoding }) {
    return { encoding, size, ...(sha256 !== undefined && { sha256 }) };
}
/** What users are told of a write. Spelled out without spreads, which would cost more than the rest of a small write's bookkeeping. */
export function uploadResult(backend, config, stat) {
    const { provider } = backend;
    const written = {
        success: true,
        key: stat.key,
        url: stat.pending === true ? `/uploads/${encodeKey(stat.key)}` : uploadUrl(backend, config, stat.key),
        size: stat.size,
        etag: stat.etag,
        contentType: stat.contentType,
    };
    if (stat.sha256 !== undefined)
        written.sha256 = stat.sha256;
    if (stat.original !== undefined) {
        written.size = stat.original.size;
        written.sha256 = stat.original.sha256;
        written.compressed = storedCompressed(stat, stat.original);
    }
    if (stat.expiresAt !== undefined)
        written.expiresAt = new Date(stat.expiresAt);
    if (stat.versionId !== undefined)
        written.versionId = stat.versionId;
    if (provider !== 'local' && stat.pending !== true) {
        return Object.assign(written, { fallback: false, provider, bucket: config.objectStorageBucket });
    }
    const where = {
        fallback: stat.pending === true || isFallback(config),
        provider: 'local',
    };
    if (stat.path !== undefined)
        where.path = stat.path;
    return Object.assign(written, where);
}
function uploadUrl(backend, config, key) {
    if (backend.objectUrl === undefined)
        return `/uploads/${encodeKey(key)}`;
    const { objectStoragePublicUrl: publicUrl } = config;
    return publicUrl === undefined ? backend.objectUrl(key) : `${publicUrl}/${encodeKey(key)}`;
}
//# sourceMappingURL=results.js.map