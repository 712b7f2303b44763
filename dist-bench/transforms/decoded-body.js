import { gather, spent } from '../core/body.js';
import { decode } from './decode.js';
/** The original's bytes, or a part of them, out of an object's compressed ones. A part is decoded from the start. */
export class DecodedBody {
    #inner;
    #original;
    #key;
    #range;
    #used = false;
    #closed = false;
    constructor(inner, original, key, range) {
        this.#inner = inner;
        this.#original = original;
        this.#key = key;
        this.#range = range;
    }
    bytes(maxBytes) {
        const length = this.#range === undefined ? this.#original.size : this.#range.end - this.#range.start + 1;
        return gather(this, { key: this.#key }, length, maxBytes);
    }
    async *[Symbol.asyncIterator]() {
        if (this.#used)
            throw spent({ key: this.#key });
        this.#used = true;
        const range = this.#range;
        try {
            const end = range === undefined ? undefined : range.end + 1;
            yield* decode(this.#inner, this.#original, { key: this.#key, start: range?.start, end });
        }
        catch (error) {
            // Bytes that were given up end in the middle.
            throw this.#closed ? spent({ key: this.#key }) : error;
        }
        finally {
            await this.#inner.close();
        }
    }
    async close() {
        this.#used = true;
        this.#closed = true;
        await this.#inner.close();
    }
}
//# sourceMappingURL=decoded-body.js.map