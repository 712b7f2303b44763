import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Random } from './conformance-random.js';
export const KIB = 1024;
export const MIB = 1024 * KIB;
/** What the built-in stores send at once at most; content past it takes the way of large content. */
export const PART_BYTES = 8 * MIB;
const BLOCK_BYTES = 64 * KIB;
const STRIDE_BYTES = 4 * KIB;
let block;
/**
 * Bytes in which every misplaced, repeated or missing piece shows: noise, with its own offset every 4 KiB.
 * Other seeds give other bytes (of one byte or more).
 */
export function patterned(size, seed = 0) {
    block ??= noise(BLOCK_BYTES);
    const bytes = Buffer.alloc(size, block);
    for (let offset = 0; offset + 8 <= size; offset += STRIDE_BYTES) {
        bytes.writeUInt32LE(offset, offset);
        bytes.writeUInt32LE(seed, offset + 4);
    }
    if (size > 0)
        bytes[size - 1] = seed & 0xff;
    return bytes;
}
function noise(size) {
    const random = new Random(size);
    const bytes = Buffer.alloc(size);
    for (let i = 0; i < size; i++)
        bytes[i] = random.below(256);
    return bytes;
}
export function sha256(bytes) {
    return createHash('sha256').update(bytes).digest('hex');
}
export const CONTENT_KINDS = [
    { name: 'a Buffer', streams: false, make: bytes => bytes },
    {
        name: 'a Uint8Array inside a larger buffer',
        streams: false,
        make: bytes => {
            const larger = new Uint8Array(bytes.length + 16);
            larger.set(bytes, 5);
            return larger.subarray(5, 5 + bytes.length);
        },
    },
    { name: 'an ArrayBuffer', streams: false, make: bytes => Uint8Array.from(bytes).buffer },
    { name: 'a Blob', streams: false, make: bytes => new Blob([Uint8Array.from(bytes)]) },
    { name: 'a path', streams: false, make: async (bytes, folder) => ({ path: await file(bytes, folder) }) },
    {
        name: 'a file: URL',
        streams: false,
        make: async (bytes, folder) => pathToFileURL(await file(bytes, folder)),
    },
    {
        name: 'a Node stream',
        streams: true,
        make: bytes => Readable.from(pieces(bytes, 60_000), { objectMode: false }),
    },
    { name: 'a web stream', streams: true, make: bytes => new Blob([Uint8Array.from(bytes)]).stream() },
    { name: 'an async generator', streams: true, make: bytes => generate(pieces(bytes, 1_000_003)) },
    { name: 'pieces of one byte', streams: true, smallOnly: true, make: bytes => generate(pieces(bytes, 1)) },
    {
        name: 'pieces with empty ones between',
        streams: true,
        make: bytes => generate(withEmptyOnes(pieces(bytes, 90_001))),
    },
];
async function file(bytes, folder) {
    const path = join(folder, `content ${bytes.length} %41 é`);
    await writeFile(path, bytes);
    return path;
}
export function* pieces(bytes, length) {
    for (let start = 0; start < bytes.length; start += length)
        yield bytes.subarray(start, start + length);
}
function* withEmptyOnes(some) {
    yield Buffer.alloc(0);
    for (const piece of some) {
        yield piece;
        yield Buffer.alloc(0);
    }
}
export async function* generate(some) {
    yield* some;
}
/** A stream that gives these bytes and then fails. */
export async function* failing(bytes, error) {
    yield* pieces(bytes, 60_000);
    throw error;
}
/** A stream that gives these bytes and then stands still until it is released. */
export class StallingContent {
    #bytes;
    #release = () => { };
    #reached = () => { };
    #released = new Promise(resolve => {
        this.#release = resolve;
    });
    /** Fulfilled once the bytes have been taken and more are asked for. */
    reached = new Promise(resolve => {
        this.#reached = resolve;
    });
    constructor(bytes) {
        this.#bytes = bytes;
    }
    /** Lets the stream come to its end. */
    release() {
        this.#release();
    }
    async *[Symbol.asyncIterator]() {
        yield* pieces(this.#bytes, 60_000);
        this.#reached();
        await this.#released;
        yield Buffer.from('the rest');
    }
}
/** A source of known size that nobody may read. */
export class UntouchedSource {
    size;
    reads = 0;
    constructor(size) {
        this.size = size;
    }
    async read(offset, length) {
        this.reads++;
        return Buffer.alloc(Math.max(0, Math.min(length, this.size - offset)));
    }
    release() { }
    async close() { }
}
//# sourceMappingURL=conformance-content.js.map