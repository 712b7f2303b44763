/** What stays in memory: a part. */
export const RETAINED_BYTES = 8 * 1024 * 1024;
/** Released bytes that may wait for the disk before the reader does. */
const LAG_BYTES = 2 * RETAINED_BYTES;
const PIECE_BYTES = 1024 * 1024;
/**
 * A one-shot stream that can be read again from its beginning: up to a part from memory, past it from a file
 * that is written while the bytes are being sent. If the file fails, the stream goes on without a net.
 */
export class RetainedSource {
    size;
    #inner;
    #openSpill;
    #onEnd;
    #spill;
    /** Bytes in the file; the inner source has forgotten them. */
    #saved = 0;
    /** Bytes that their destination has taken. */
    #released = 0;
    #saving;
    #end;
    #lost = false;
    #finished = false;
    #last = false;
    /** @param onEnd called when the end of the content is first seen, with its size */
    constructor(inner, openSpill, onEnd) {
        this.size = inner.size;
        this.#inner = inner;
        this.#openSpill = openSpill;
        this.#onEnd = onEnd;
    }
    /** Whether every byte can still be read from the beginning. */
    get replayable() {
        return !this.#lost;
    }
    /** Bytes in all, once the end was seen. */
    get end() {
        return this.#end;
    }
    async read(offset, length) {
        if (this.#released - this.#saved > LAG_BYTES)
            await this.#saving;
        if (offset >= this.#saved || this.#lost)
            return this.#readInner(offset, length);
        const saved = await this.#readSaved(offset, Math.min(length, this.#saved - offset));
        if (saved.length === length)
            return saved;
        return Buffer.concat([saved, await this.#readInner(offset + saved.length, length - saved.length)]);
    }
    release(offset) {
        if (offset > this.#released)
            this.#released = offset;
        if (this.#lost || this.#last) {
            if (offset > this.#saved)
                this.#inner.release(offset);
        }
        else if (this.#released > RETAINED_BYTES)
            this.#saving ??= this.#save();
    }
    /**
     * The content as its first reader has it. One that was given up may still get to its end, and release what the
     * second reader has not read yet: that is kept.
     */
    firstReading() {
        return {
            size: this.size,
            read: (offset, length) => this.read(offset, length),
            release: offset => {
                if (!this.#last)
                    this.release(offset);
            },
            close: () => Promise.resolve(),
        };
    }
    /** The content is now read for the last time, from its beginning: what is released need not be kept. */
    readOnceMore() {
        this.#last = true;
    }
    /** Says that the content has arrived for good. */
    finish() {
        this.#finished = true;
        if (this.#end !== undefined)
            this.#inner.release(this.#end);
    }
    /** Forgets what was kept. The inner source stays its owner's to close. */
    async close() {
        await this.#saving;
        const spill = await this.#spill?.catch(() => undefined);
        await spill?.close();
    }
    async #readInner(offset, length) {
        const bytes = await this.#inner.read(offset, length);
        const end = offset + bytes.length;
        if (this.#end === undefined && (bytes.length < length || end === this.size)) {
            this.#end = end;
            this.#onEnd(end);
        }
        return bytes;
    }
    async #readSaved(offset, length) {
        const spill = await this.#spill;
        return spill.read(offset, length);
    }
    /** Copies what was released to the file, and lets the inner source forget it. */
    async #save() {
        try {
            this.#spill ??= this.#openSpill();
            const spill = await this.#spill;
            while (this.#saved < this.#released && !this.#finished) {
                const bytes = await this.#inner.read(this.#saved, Math.min(PIECE_BYTES, this.#released - this.#saved));
                await spill.write(bytes, this.#saved);
                if (this.#finished)
                    return;
                this.#saved += bytes.length;
                this.#inner.release(this.#saved);
            }
        }
        catch {
            this.#lost = true;
            if (!this.#finished)
                this.#inner.release(this.#released);
        }
        finally {
            this.#saving = undefined;
        }
    }
}
//# sourceMappingURL=retained-source.js.map