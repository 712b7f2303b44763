import { setTimeout as sleep } from 'node:timers/promises';
import { shown } from '../../core/errors.js';
import { sameIdentity, systemCode } from './files.js';
import { failure } from './io-error.js';
import { ABSENT, openIdentical } from './reading.js';
import { damaged } from './tree.js';
/** Looks at a file that another process is moving at this moment. */
const MOVING_TRIES = 10;
const MOVING_MS = 10;
/** Opens the file. */
export async function openAt(root, path, identity) {
    return openIdentical(root.files, path, identity, stat => root.identityOf(stat));
}
/** Looks at the file without opening it. */
export async function statAt(root, path, identity) {
    try {
        const stat = await root.files.lstat(path);
        const found = root.identityOf(stat);
        if (stat.kind === 'file' && sameIdentity(found, identity))
            return { hit: undefined };
        return { stranger: { ...found, kind: stat.kind } };
    }
    catch (error) {
        if (ABSENT.has(systemCode(error) ?? ''))
            return { stranger: undefined };
        throw error;
    }
}
/**
 * Finds an object's file. A file that is not as the row says means first that the row was replaced meanwhile:
 * it is read again. Only the same row twice is a finding.
 *
 * @throws StorageError `NOT_FOUND`; `INTEGRITY` if the file is gone or is another; `UNAVAILABLE` (retryable)
 *   while somebody is editing it
 */
export async function locate(options) {
    const { root, adopter, op, key, look, current } = options;
    let seen;
    for (let moving = 0;;) {
        const found = await current();
        const object = found?.row.object;
        if (found === undefined || object === undefined) {
            throw failure('NOT_FOUND', op, key, `There is no object ${shown(key)}.`);
        }
        if (found.row.work?.inline === true) {
            const content = root.ledger.bytesOf(object.writeId);
            if (content.length === object.identity.size) {
                return { object, stat: statOf(key, object, root.placer.pathOf(key, found.version)), hit: { content } };
            }
            // Settled meanwhile, the bytes are in the file and no more in the ledger.
            if (seen === found.version)
                throw damaged(op, key, 'its bytes are gone from the ledger');
            seen = found.version;
            continue;
        }
        let stranger;
        for (const path of root.placer.places(key, found)) {
            const result = await look(root, path, object.identity);
            if ('hit' in result)
                return { object, stat: statOf(key, object, path), hit: result.hit };
            if (stranger === undefined && result.stranger !== undefined)
                stranger = { path, stat: result.stranger };
        }
        if (seen !== found.version) {
            seen = found.version;
        }
        else if (found.row.work !== undefined && moving < MOVING_TRIES) {
            // Looked for in one place after the other, and moved in between.
            await sleep(MOVING_MS * moving++);
        }
        else if (stranger === undefined) {
            throw damaged(op, key, 'its file is gone');
        }
        else if (!(await adopter.reconcile(op, key, found, stranger.path, stranger.stat))) {
            const again = await current();
            if (again?.version === found.version)
                throw damaged(op, key, 'its file is not the one that was written');
        }
    }
}
/** All that is known of an object, as readers get it. */
export function statOf(key, object, path) {
    const { attributes, writeId, sha256, stamp } = object;
    // Every read and write makes one: members set one by one cost a fraction of as many spreads.
    const stat = {
        key: key,
        size: object.identity.size,
        etag: writeId,
        lastModified: new Date(object.lastModified),
        writeId,
        contentType: attributes.contentType,
        metadata: attributes.metadata,
    };
    if (path !== undefined)
        stat.path = path;
    if (sha256 !== undefined)
        stat.sha256 = sha256;
    if (stamp !== undefined)
        stat.stamp = stamp;
    if (attributes.fileName !== undefined)
        stat.fileName = attributes.fileName;
    if (attributes.contentDisposition !== undefined)
        stat.contentDisposition = attributes.contentDisposition;
    if (attributes.cacheControl !== undefined)
        stat.cacheControl = attributes.cacheControl;
    if (attributes.contentEncoding !== undefined)
        stat.contentEncoding = attributes.contentEncoding;
    if (attributes.tags !== undefined)
        stat.tags = attributes.tags;
    if (attributes.original !== undefined)
        stat.original = attributes.original;
    if (attributes.expiresAt !== undefined)
        stat.expiresAt = attributes.expiresAt;
    return stat;
}
//# sourceMappingURL=locate.js.map