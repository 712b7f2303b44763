import { createHash, randomBytes } from 'node:crypto';
import { endedBy } from '../core/abort.js';
import { attributesOf } from '../core/attributes.js';
import { spent, tooLarge } from '../core/body.js';
import { checkEtags } from '../core/condition.js';
import { StorageError, shown, throwIfAborted } from '../core/errors.js';
import { compareUtf8, RESERVED_PREFIX } from '../core/key.js';
import { resolveRange } from '../core/range.js';
import { rollUp } from '../core/roll-up.js';
import { StampClock } from '../core/stamp.js';
import { STANDARD } from '../core/storage-class.js';
import { nextTurn } from '../core/turn.js';
import { newWriteId } from '../core/write-id.js';
/** What is read from a source, and given out by a body, at a time. */
const PIECE_BYTES = 1024 * 1024;
/**
 * Objects in this process's memory: the store contract in its simplest form, for tests and as the measure of
 * the other stores. Nothing outlives the process. An ETag is the write id.
 */
export class MemoryStore {
    kind = 'memory';
    capabilities = {
        conditionalPut: true,
        conditionalMultipart: true,
        conditionalDelete: true,
        presign: false,
        tags: true,
        storageClasses: false,
        versions: false,
        lifecycle: false,
    };
    #objects = new Map();
    /** The keys of all objects in UTF-8 byte order, so that a page costs a search and not a sort. */
    #keys = [];
    #clock = new StampClock({ host: randomBytes(6).toString('hex') });
    #closed = false;
    async put(key, source, options) {
        this.#enter('put', key, options);
        refuseStorageClass('put', key, options.attributes);
        const { bytes, sha256 } = await readAll(endedBy(options.signal, source, 'put', key));
        this.#enter('put', key, options);
        if (options.sha256 !== undefined && options.sha256 !== sha256) {
            throw failure('INVALID_ARGUMENT', 'put', key, `The content has the SHA-256 ${sha256}, and ${shown(options.sha256)} was declared.`);
        }
        return this.#publish('put', key, { ...options, bytes, sha256 });
    }
    async get(key, options = {}) {
        this.#enter('get', key, options);
        await nextTurn();
        const { bytes, stat } = this.#find('get', key);
        checkCondition('get', key, stat, options);
        if (options.range === undefined) {
            return { stat: copyOf(stat), body: new MemoryBody(bytes, key, options.signal) };
        }
        const range = resolveRange(options.range, bytes.length, key);
        const part = bytes.subarray(range.start, range.end + 1);
        return { stat: copyOf(stat), range, body: new MemoryBody(part, key, options.signal) };
    }
    async head(key, options) {
        this.#enter('head', key, options);
        await nextTurn();
        return copyOf(this.#find('head', key).stat);
    }
    async delete(key, options = {}) {
        this.#enter('delete', key, options);
        await nextTurn();
        checkCondition('delete', key, this.#objects.get(key)?.stat, options);
        return this.#remove(key);
    }
    async deleteMany(keys, options) {
        this.#enter('deleteMany', undefined, options);
        for (const key of keys)
            this.#remove(key);
        return { deleted: keys.length, failed: [] };
    }
    async copy(from, to, options = {}) {
        this.#enter('copy', to, options);
        const { bytes, stat } = this.#find('copy', from);
        checkCondition('copy', from, stat, { ifMatch: options.sourceIfMatch });
        const attributes = options.attributes ?? attributesOf(stat);
        refuseStorageClass('copy', to, attributes);
        return this.#publish('copy', to, { ...options, attributes, bytes, sha256: stat.sha256 });
    }
    async getTags(key, options) {
        this.#enter('tags', key, options);
        return this.#find('tags', key).stat.tags ?? {};
    }
    async setTags(key, tags, options) {
        this.#enter('tags', key, options);
        const { bytes, stat } = this.#find('tags', key);
        const { tags: _, ...rest } = stat;
        const hasTags = Object.keys(tags).length > 0;
        this.#objects.set(key, { bytes, stat: { ...rest, ...(hasTags && { tags }) } });
    }
    async list(options = {}) {
        this.#enter('list', undefined, options);
        await nextTurn();
        const { prefix = '', delimiter = '', startAfter = '', limit = 1000 } = options;
        if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
            throw failure('INVALID_ARGUMENT', 'list', undefined, `Invalid limit ${shown(limit)}; accepted: 1 to 1000.`);
        }
        const objects = [];
        const prefixes = [];
        let last = '';
        let index = this.#begin(prefix, delimiter, startAfter);
        for (;;) {
            const key = this.#keys[index];
            if (key === undefined || !key.startsWith(prefix))
                return { objects, prefixes, complete: true };
            if (key.startsWith(RESERVED_PREFIX)) {
                index = this.#past(RESERVED_PREFIX);
                continue;
            }
            if (objects.length + prefixes.length === limit)
                return { objects, prefixes, next: last, complete: true };
            const rolledUp = rollUp(key, prefix, delimiter);
            if (rolledUp === undefined) {
                objects.push(listed(this.#find('list', key).stat));
                index++;
            }
            else {
                prefixes.push(rolledUp);
                index = this.#past(rolledUp);
            }
            last = rolledUp ?? key;
        }
    }
    async close() {
        this.#closed = true;
        this.#objects.clear();
        this.#keys.length = 0;
    }
    /** What every operation begins with. */
    #enter(op, key, options) {
        if (this.#closed)
            throw failure('UNAVAILABLE', op, key, 'The store is closed.', false);
        throwIfAborted(options?.signal, op, key);
    }
    #find(op, key) {
        const stored = this.#objects.get(key);
        if (stored === undefined)
            throw failure('NOT_FOUND', op, key, `There is no object ${shown(key)}.`);
        return stored;
    }
    /** Checks the condition and makes the object visible, with nothing in between. */
    #publish(op, key, write) {
        const current = this.#objects.get(key)?.stat;
        checkCondition(op, key, current, write);
        const writeId = write.writeId ?? newWriteId(write.attributes.expiresAt);
        const stat = {
            ...write.attributes,
            key,
            size: write.bytes.length,
            etag: writeId,
            lastModified: new Date(),
            ...(write.sha256 !== undefined && { sha256: write.sha256 }),
            writeId,
            stamp: write.stamp ?? this.#clock.next(current?.stamp),
        };
        if (current === undefined)
            this.#keys.splice(this.#search(other => compareUtf8(other, key) > 0), 0, key);
        this.#objects.set(key, { bytes: write.bytes, stat });
        return copyOf(stat);
    }
    #remove(key) {
        if (!this.#objects.delete(key))
            return false;
        this.#keys.splice(this.#search(other => compareUtf8(other, key) >= 0), 1);
        return true;
    }
    /** Index of the first key of a listing. */
    #begin(prefix, delimiter, startAfter) {
        if (compareUtf8(startAfter, prefix) < 0)
            return this.#search(key => compareUtf8(key, prefix) >= 0);
        if (startAfter.startsWith(prefix) && rollUp(startAfter, prefix, delimiter) === startAfter) {
            return this.#past(startAfter);
        }
        return this.#search(key => compareUtf8(key, startAfter) > 0);
    }
    /** Index of the first key that comes after every key below the prefix. */
    #past(prefix) {
        return this.#search(key => compareUtf8(key, prefix) > 0 && !key.startsWith(prefix));
    }
    /** Index of the first key for which `holds`, which holds for every later one too. */
    #search(holds) {
        let low = 0;
        let high = this.#keys.length;
        while (low < high) {
            const middle = (low + high) >>> 1;
            if (holds(this.#keys[middle]))
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
}
class MemoryBody {
    #bytes;
    #closed = false;
    #key;
    #signal;
    constructor(bytes, key, signal) {
        this.#bytes = bytes;
        this.#key = key;
        this.#signal = signal;
    }
    async bytes(maxBytes) {
        const bytes = this.#take();
        if (maxBytes !== undefined && bytes.length > maxBytes) {
            throw tooLarge({ key: this.#key, store: 'memory' }, bytes.length, maxBytes);
        }
        return Buffer.from(bytes);
    }
    async *[Symbol.asyncIterator]() {
        const bytes = this.#take();
        for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
            throwIfAborted(this.#signal, 'get', this.#key);
            if (this.#closed)
                throw spent({ key: this.#key, store: 'memory' });
            yield Buffer.from(bytes.subarray(start, start + PIECE_BYTES));
        }
    }
    async close() {
        this.#closed = true;
        this.#bytes = undefined;
    }
    #take() {
        const bytes = this.#bytes;
        if (bytes === undefined)
            throw spent({ key: this.#key, store: 'memory' });
        throwIfAborted(this.#signal, 'get', this.#key);
        this.#bytes = undefined;
        return bytes;
    }
}
/** Reads a source to its end. The copy is what is hashed, so a caller who reuses the content changes neither. */
async function readAll(source) {
    const hash = createHash('sha256');
    const pieces = [];
    let offset = 0;
    for (;;) {
        const piece = Buffer.from(await source.read(offset, PIECE_BYTES));
        hash.update(piece);
        pieces.push(piece);
        offset += piece.length;
        source.release(offset);
        if (piece.length < PIECE_BYTES)
            return { bytes: Buffer.concat(pieces), sha256: hash.digest('hex') };
    }
}
function checkCondition(op, key, current, condition) {
    checkEtags({ op, key, store: 'memory' }, current === undefined ? [] : [current.etag], condition);
}
function refuseStorageClass(op, key, attributes) {
    if (attributes.storageClass === undefined || attributes.storageClass === STANDARD)
        return;
    throw failure('UNSUPPORTED', op, key, 'The memory store has no storage classes.');
}
/** A stat that its reader may do anything to. */
function copyOf(stat) {
    return { ...stat, lastModified: new Date(stat.lastModified) };
}
function listed({ key, size, etag, lastModified }) {
    return { key, size, etag, lastModified: new Date(lastModified) };
}
function failure(code, op, key, message, retryable) {
    return new StorageError({ code, op, key, store: 'memory', message, retryable });
}
//# sourceMappingURL=memory.js.map