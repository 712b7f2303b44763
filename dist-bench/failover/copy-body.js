import { gather, spent } from '../core/body.js';
import { throwIfAborted } from '../core/errors.js';
/** The bytes of a copy, each piece checked before it is given out. A damaged one is asked of the primary. */
export class CopyBody {
    #copy;
    #part;
    #used = false;
    /** Of the primary, once it has to help. */
    #rest;
    constructor(copy, part) {
        this.#copy = copy;
        this.#part = part;
    }
    bytes(maxBytes) {
        const { key, start, end } = this.#part;
        return gather(this, { key, store: 'local' }, end - start, maxBytes);
    }
    async *[Symbol.asyncIterator]() {
        const { key, start, end, first, signal, instead } = this.#part;
        if (this.#used)
            throw spent({ key, store: 'local' });
        this.#used = true;
        const { pieceBytes } = this.#copy;
        try {
            for (let at = start; at < end;) {
                throwIfAborted(signal, 'get', key);
                const index = Math.floor(at / pieceBytes);
                const piece = at === start ? first : await this.#copy.piece(index);
                if (piece === undefined) {
                    await this.#copy.close();
                    this.#rest = await instead(at);
                    yield* this.#rest;
                    return;
                }
                const from = index * pieceBytes;
                const bytes = piece.subarray(at - from, end - from);
                at += bytes.length;
                yield bytes;
            }
        }
        finally {
            await this.#copy.close();
        }
    }
    async close() {
        this.#used = true;
        await this.#copy.close();
        await this.#rest?.close();
    }
}
/** The bytes of the primary, of which a copy is kept if they are read to their end. */
export class FilledBody {
    #inner;
    #fill;
    #key;
    #size;
    constructor(inner, fill, key, size) {
        this.#inner = inner;
        this.#fill = fill;
        this.#key = key;
        this.#size = size;
    }
    async bytes(maxBytes) {
        if (this.#size > AT_ONCE_BYTES) {
            return gather(this, { key: this.#key, store: 'local' }, this.#size, maxBytes);
        }
        try {
            const bytes = await this.#inner.bytes(maxBytes);
            void this.#fill.add(bytes);
            void this.#fill.finish();
            return bytes;
        }
        catch (error) {
            this.#fill.abandon();
            throw error;
        }
    }
    async *[Symbol.asyncIterator]() {
        try {
            for await (const chunk of this.#inner) {
                const waiting = this.#fill.add(chunk);
                if (waiting !== undefined)
                    await waiting;
                yield chunk;
            }
            // The end of the bytes came with the proof that they are right.
            void this.#fill.finish();
        }
        finally {
            this.#fill.abandon();
        }
    }
    async close() {
        this.#fill.abandon();
        await this.#inner.close();
    }
}
/** What a fill takes without waiting for the disk. */
const AT_ONCE_BYTES = 4 * 1024 * 1024;
//# sourceMappingURL=copy-body.js.map