import { createHash, randomUUID } from 'node:crypto';
import { lookup } from 'mime-types';
import { DEFAULT_CONTENT_TYPE } from '../../core/attributes.js';
import { StorageError, shown } from '../../core/errors.js';
import { sameIdentity } from './files.js';
import { openIdentical } from './reading.js';
/** How long a file's size and time must have stood still before it is taken for finished. */
export const STILL_MS = 2000;
const READ_BYTES = 1024 * 1024;
/**
 * Tells whether files have stood still. By their own times; and, since those may lie in the future or be set
 * at will, by having been looked at twice.
 */
export class Stillness {
    #seen = new Map();
    #stillMs;
    constructor(stillMs) {
        this.#stillMs = stillMs;
    }
    /** Milliseconds until the file may have stood still for long enough; 0 if it has. */
    wait(path, identity) {
        const age = Date.now() - identity.mtimeMs;
        if (age >= this.#stillMs)
            return 0;
        const now = performance.now();
        const seen = this.#seen.get(path);
        if (seen === undefined || !sameIdentity(seen.identity, identity)) {
            // Bounded: what is forgotten is only looked at for longer.
            if (this.#seen.size >= 10_000)
                this.#seen.clear();
            this.#seen.set(path, { identity, at: now });
            return age >= 0 ? Math.ceil(this.#stillMs - age) : this.#stillMs;
        }
        const left = this.#stillMs - (now - seen.at);
        return left <= 0 ? 0 : Math.ceil(age >= 0 ? Math.min(left, this.#stillMs - age) : left);
    }
}
/**
 * Takes files that somebody else put into the folder, or changed there, for objects: in place, once they have
 * stood still.
 */
export class Adopter {
    #root;
    #stillness;
    constructor(root, stillMs = STILL_MS) {
        this.#root = root;
        this.#stillness = new Stillness(stillMs);
    }
    /**
     * Adopts the file at a key's path, if there is one and no row.
     *
     * @returns whether there is an object now
     * @throws StorageError `UNAVAILABLE` (retryable) while the file is still being written
     */
    async adoptKey(op, key) {
        const stat = await this.look(key);
        // A row that came meanwhile explains the file: another process commits first and places then.
        const found = this.#root.ledger.get(key);
        if (stat === undefined || found !== undefined)
            return found?.row.object !== undefined;
        const waitMs = this.#stillness.wait(key, stat);
        if (waitMs > 0)
            throw stillChanging(op, key, waitMs);
        await this.commit([adoption(key, stat)]);
        return this.#root.ledger.get(key)?.row.object !== undefined;
    }
    /** The regular file at a key's own path, reached through no link; undefined if there is none. */
    look(key) {
        return this.#root.placer.tree.find(key);
    }
    /** How long the file must still be waited for, in milliseconds. */
    waitFor(key, stat) {
        return this.#stillness.wait(key, stat);
    }
    /**
     * Commits adopted files, then looks at each again: a file that went meanwhile leaves no row.
     *
     * @returns for each whether it has a row now
     */
    async commit(writes) {
        const done = await this.#root.ledger.writeAll(writes);
        for (const [i, { key, row }] of writes.entries()) {
            if (done[i] !== true || row?.object === undefined)
                continue;
            const stat = await this.look(key);
            if (stat !== undefined && sameIdentity(stat, row.object.identity))
                continue;
            const found = this.#root.ledger.get(key);
            if (found?.row.object?.writeId !== row.object.writeId)
                continue;
            const { size } = row.object.identity;
            await this.#root.ledger.write({
                key,
                expected: found.version,
                row: undefined,
                usage: { count: -1, bytes: -size },
            });
            done[i] = false;
        }
        return done;
    }
    /**
     * Deals with a file that is not as its row says though the row is the newest. The same bytes under another
     * inode (a restored backup) are told to the row. A placed file that somebody edited becomes a new version.
     *
     * @returns whether the row was changed, so that it is worth reading again
     * @throws StorageError `UNAVAILABLE` (retryable) while the file is still being written
     */
    async reconcile(op, key, found, path, stat) {
        const { object, work } = found.row;
        if (object === undefined || stat.kind !== 'file')
            return false;
        if (object.sha256 !== undefined && stat.size === object.identity.size) {
            if ((await this.#hash(path, stat)) === object.sha256) {
                return this.#replace(key, found, { object: { ...object, identity: identityOf(stat) }, work });
            }
        }
        if (work !== undefined || object.at !== 'tree')
            return false;
        // The link that leads elsewhere is no edited file.
        if ((await this.#root.files.realpath(path).catch(() => undefined)) !== path)
            return false;
        const waitMs = this.#stillness.wait(key, stat);
        if (waitMs > 0)
            throw stillChanging(op, key, waitMs);
        const { sha256: _, ...kept } = object;
        const edited = {
            ...kept,
            writeId: randomUUID(),
            lastModified: Math.trunc(stat.mtimeMs),
            stamp: this.#root.clock.next(object.stamp),
            identity: identityOf(stat),
        };
        return this.#replace(key, found, { object: edited });
    }
    async #replace(key, found, row) {
        const bytes = (row.object?.identity.size ?? 0) - (found.row.object?.identity.size ?? 0);
        const usage = { count: 0, bytes };
        return (await this.#root.ledger.write({ key, expected: found.version, row, usage })) !== undefined;
    }
    /** The SHA-256 of a file that stays as it was seen; undefined if it does not. */
    async #hash(path, identity) {
        const { files } = this.#root;
        const opened = await openIdentical(files, path, identity, stat => this.#root.identityOf(stat));
        if (!('hit' in opened))
            return undefined;
        const { fd } = opened.hit;
        try {
            const hash = createHash('sha256');
            const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, identity.size));
            for (let at = 0; at < identity.size;) {
                const read = await files.read(fd, buffer, Math.min(buffer.length, identity.size - at), at);
                if (read === 0)
                    return undefined;
                hash.update(buffer.subarray(0, read));
                at += read;
            }
            return hash.digest('hex');
        }
        finally {
            await files.close(fd);
        }
    }
}
/** What makes a file that was found an object. @param sha256 of its bytes, if they were read; lower-case hex */
export function adoption(key, stat, sha256) {
    return { key, expected: undefined, row: rowOf(key, stat, sha256), usage: { count: 1, bytes: stat.size } };
}
function rowOf(key, stat, sha256) {
    return {
        object: {
            writeId: randomUUID(),
            lastModified: Math.trunc(stat.mtimeMs),
            sha256,
            attributes: { contentType: lookup(key) || DEFAULT_CONTENT_TYPE, metadata: {} },
            at: 'tree',
            identity: identityOf(stat),
        },
    };
}
function identityOf({ dev, ino, size, mtimeMs }) {
    return { dev, ino, size, mtimeMs };
}
function stillChanging(op, key, waitMs) {
    return new StorageError({
        code: 'UNAVAILABLE',
        op,
        key,
        store: 'local',
        message: `The file of ${shown(key)} is being changed outside of Holdfast; it is readable once it has stood still.`,
        retryAfterMs: waitMs,
    });
}
//# sourceMappingURL=adopt.js.map