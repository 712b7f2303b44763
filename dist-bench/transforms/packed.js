import { createHash } from 'node:crypto';
import { StorageError } from '../core/errors.js';
/** What stays in memory: a part. */
const MEMORY_BYTES = 8 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);
/** Bytes that are gathered before their length is known: in memory up to a part, past it in a file. */
export class Packed {
    #openSpill;
    #hash = createHash('sha256');
    #chunks = [];
    #spill;
    #size = 0;
    #sha256 = '';
    #closed = false;
    constructor(openSpill) {
        this.#openSpill = openSpill;
    }
    get size() {
        return this.#size;
    }
    /** @throws StorageError `NO_SPACE` where the disk is full, `INTERNAL` where it fails */
    async append(chunk) {
        this.#hash.update(chunk);
        if (this.#spill === undefined && this.#size + chunk.length <= MEMORY_BYTES) {
            this.#chunks.push(chunk);
            this.#size += chunk.length;
            return;
        }
        try {
            if (this.#spill === undefined) {
                this.#spill = await this.#openSpill();
                await this.#spill.write(Buffer.concat(this.#chunks), 0);
                this.#chunks = [];
            }
            await this.#spill.write(chunk, this.#size);
        }
        catch (error) {
            throw spillError(error);
        }
        this.#size += chunk.length;
    }
    /** Says that all is there. */
    finish() {
        if (this.#spill === undefined)
            this.#chunks = [Buffer.concat(this.#chunks)];
        this.#sha256 = this.#hash.digest('hex');
    }
    /** Lower-case hex; once it is finished. */
    get sha256() {
        return this.#sha256;
    }
    /** Once it is finished. */
    async read(offset, length) {
        if (this.#closed)
            throw spillError(new Error('it was given up'));
        if (this.#spill === undefined)
            return (this.#chunks[0] ?? EMPTY).subarray(offset, offset + length);
        const bytes = await this.#spill.read(offset, length);
        if (bytes.length === length)
            return bytes;
        throw spillError(new Error('it is shorter than what was written to it'));
    }
    /** Safe to call twice. */
    async close() {
        const spill = this.#spill;
        this.#closed = true;
        this.#spill = undefined;
        this.#chunks = [];
        await spill?.close();
    }
}
function spillError(cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const why = cause instanceof Error ? cause.message : String(cause);
    return new StorageError({
        code: code === 'ENOSPC' || code === 'EDQUOT' ? 'NO_SPACE' : 'INTERNAL',
        op: 'put',
        message: `What was compressed cannot be kept until it is stored: ${why}`,
        cause,
    });
}
//# sourceMappingURL=packed.js.map