import { formatOriginal, parseOriginal } from '../../core/compression.js';
import { StorageError, shown } from '../../core/errors.js';
const PLACES = ['tree', 'objects', 'any'];
const INLINE = PLACES.length;
const VERSION = 1;
/** The row as msgpack writes it most compactly: arrays without names, ids and hashes as bytes. */
export function packRow(row) {
    const { object, work } = row;
    return work === undefined ? [VERSION, packObject(object)] : [VERSION, packObject(object), packWork(work)];
}
/** Reads what {@link packRow} made. @throws StorageError `CONFIG_INVALID` for a row that a newer version wrote */
export function unpackRow(packed) {
    const [version, object, work] = packed;
    if (version !== VERSION) {
        const message = `The ledger was written by another version of Holdfast: it holds a row of version ${shown(version)}, and this one reads version ${VERSION}. Use the version that wrote it, or a newer one.`;
        throw new StorageError({ code: 'CONFIG_INVALID', op: 'open', store: 'local', message });
    }
    return {
        ...(object !== null && { object: unpackObject(object) }),
        ...(work !== undefined && { work: unpackWork(work) }),
    };
}
function packObject(object) {
    if (object === undefined)
        return null;
    const { stamp } = object;
    return [
        packId(object.writeId),
        object.lastModified,
        packIdentity(object.identity),
        object.at === 'tree' ? 0 : 1,
        object.attributes.contentType,
        object.sha256 === undefined ? null : Buffer.from(object.sha256, 'hex'),
        stamp === undefined ? null : [stamp.time, stamp.sequence, stamp.host],
        packExtra(object.attributes),
    ];
}
function unpackObject(packed) {
    const [writeId, lastModified, identity, at, contentType, sha256, stamp, extra] = packed;
    return {
        writeId: unpackId(writeId),
        lastModified,
        identity: unpackIdentity(identity),
        at: at === 0 ? 'tree' : 'objects',
        attributes: extra === null ? { contentType, metadata: NONE } : unpackExtra(contentType, extra),
        sha256: sha256 === null ? undefined : sha256.toString('hex'),
        stamp: stamp === null ? undefined : { time: stamp[0], sequence: stamp[1], host: stamp[2] },
    };
}
const NONE = Object.freeze({});
function packExtra(attributes) {
    const { metadata, tags, fileName, contentDisposition, cacheControl, contentEncoding, original, expiresAt } = attributes;
    const pairs = flatten(metadata);
    const plain = pairs.length === 0 &&
        tags === undefined &&
        fileName === undefined &&
        contentDisposition === undefined &&
        cacheControl === undefined &&
        contentEncoding === undefined &&
        original === undefined &&
        expiresAt === undefined;
    if (plain)
        return null;
    const packed = [
        pairs,
        tags === undefined ? null : flatten(tags),
        fileName ?? null,
        contentDisposition ?? null,
        cacheControl ?? null,
        contentEncoding ?? null,
    ];
    if (original !== undefined)
        packed.push(formatOriginal(original));
    else if (expiresAt !== undefined)
        packed.push(null);
    if (expiresAt !== undefined)
        packed.push(expiresAt);
    return packed;
}
function unpackExtra(contentType, extra) {
    const [metadata, tags, fileName, contentDisposition, cacheControl, contentEncoding, packed, expiresAt] = extra;
    const original = packed === undefined || packed === null ? undefined : parseOriginal(packed);
    return {
        contentType,
        metadata: unflatten(metadata),
        ...(tags !== null && { tags: unflatten(tags) }),
        ...(fileName !== null && { fileName }),
        ...(contentDisposition !== null && { contentDisposition }),
        ...(cacheControl !== null && { cacheControl }),
        ...(contentEncoding !== null && { contentEncoding }),
        ...(original !== undefined && { original }),
        ...(expiresAt !== undefined && { expiresAt }),
    };
}
function packWork({ by, staged, garbage, inline }) {
    const packed = [by, staged ?? null, garbage.map(packGarbage)];
    if (inline === true)
        packed.push(1);
    return packed;
}
function unpackWork([by, staged, garbage, inline]) {
    return {
        by,
        staged: staged ?? undefined,
        inline: inline === 1 ? true : undefined,
        garbage: garbage.map(unpackGarbage),
    };
}
function packGarbage({ writeId, identity, at, staged, inline }) {
    const place = inline === true ? INLINE : PLACES.indexOf(at);
    const packed = [packId(writeId), packIdentity(identity), place];
    if (staged !== undefined)
        packed.push(staged);
    return packed;
}
function unpackGarbage([writeId, identity, place, staged]) {
    return {
        writeId: unpackId(writeId),
        identity: unpackIdentity(identity),
        at: PLACES[place] ?? 'any',
        staged,
        inline: place === INLINE ? true : undefined,
    };
}
function packIdentity({ size, ino, mtimeMs, dev }) {
    return [size, ino, mtimeMs, dev];
}
function unpackIdentity([size, ino, mtimeMs, dev]) {
    return { size, ino, mtimeMs, dev };
}
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A UUID as its 16 bytes; a write id of another shape as it is. */
function packId(id) {
    return UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id;
}
function unpackId(id) {
    if (typeof id === 'string')
        return id;
    const hex = id.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
/** Names and values by turns, so that a name such as `__proto__` is only a string. */
function flatten(record) {
    const pairs = [];
    for (const name in record)
        pairs.push(name, record[name] ?? '');
    return pairs;
}
function unflatten(pairs) {
    const record = Object.create(null);
    for (let i = 0; i < pairs.length; i += 2)
        record[pairs[i] ?? ''] = pairs[i + 1] ?? '';
    return record;
}
//# sourceMappingURL=row.js.map