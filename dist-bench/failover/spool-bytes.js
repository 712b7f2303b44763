import { createHash } from 'node:crypto';
import { gather, spent } from '../core/body.js';
import { StorageError, throwIfAborted } from '../core/errors.js';
import { resolveRange } from '../core/range.js';
import { statOfState } from './journal.js';
const PIECE_BYTES = 256 * 1024;
/** Opens acknowledged bytes for a reader. @throws StorageError `INTEGRITY`, `RANGE_NOT_SATISFIABLE` */
export async function openSpooled(bytes, key, state, options) {
    const stat = statOfState(key, state, bytes.pathOf(state.file));
    const range = options.range === undefined ? undefined : resolveRange(options.range, state.size, key);
    const file = await openWhole(bytes, key, state);
    const { start, end } = range ?? { start: 0, end: state.size - 1 };
    const body = new SpoolBody(file, key, {
        start,
        end: end + 1,
        sha256: range === undefined ? state.sha256 : undefined,
        signal: options.signal,
    });
    return { stat, body, ...(range !== undefined && { range }) };
}
/** Opens the file of a state, and checks its length. @throws StorageError `INTEGRITY` */
export async function openWhole(bytes, key, state) {
    const file = await bytes.open(state.file, key);
    if (file.size === state.size)
        return file;
    await file.close();
    throw rotten(key, `has ${file.size} bytes, and ${state.size} were acknowledged`);
}
/** The error for acknowledged bytes that are not there any more, or not the same. */
export function rotten(key, what, cause) {
    return new StorageError({
        code: 'INTEGRITY',
        op: 'get',
        key,
        store: 'local',
        message: `The file that holds the only copy ${what}.`,
        cause,
    });
}
/** A spooled file as content to send. Reading it to its end in order proves the SHA-256. */
export function spooledSource(file) {
    return {
        size: file.size,
        replayable: true,
        read: (offset, length) => file.read(offset, Math.max(0, Math.min(length, file.size - offset))),
        release: () => { },
        close: () => file.close(),
    };
}
/** Content in memory as a spooled file. */
export function heldFile(content) {
    return {
        size: content.length,
        read: async (offset, length) => content.subarray(offset, offset + length),
        close: async () => { },
    };
}
/** The SHA-256 of a file, read through once. */
export async function hashOf(file) {
    const hash = createHash('sha256');
    for (let offset = 0; offset < file.size;) {
        const piece = await file.read(offset, PIECE_BYTES);
        if (piece.length === 0)
            break;
        hash.update(piece);
        offset += piece.length;
    }
    return hash.digest('hex');
}
class SpoolBody {
    #file;
    #key;
    #part;
    #taken = false;
    constructor(file, key, part) {
        this.#file = file;
        this.#key = key;
        this.#part = part;
    }
    bytes(maxBytes) {
        return gather(this, { key: this.#key, store: 'local' }, this.#part.end - this.#part.start, maxBytes);
    }
    async *[Symbol.asyncIterator]() {
        if (this.#taken)
            throw spent({ key: this.#key, store: 'local' });
        this.#taken = true;
        const { start, end, sha256, signal } = this.#part;
        const hash = sha256 === undefined ? undefined : createHash('sha256');
        try {
            let offset = start;
            while (offset < end) {
                throwIfAborted(signal, 'get', this.#key);
                const piece = await this.#file.read(offset, Math.min(PIECE_BYTES, end - offset));
                if (piece.length === 0)
                    throw rotten(this.#key, 'was cut');
                hash?.update(piece);
                offset += piece.length;
                // The last piece is held back until the whole is known to be right.
                if (offset >= end && hash !== undefined && hash.digest('hex') !== sha256) {
                    throw rotten(this.#key, 'has other bytes than were acknowledged');
                }
                yield piece;
            }
        }
        finally {
            await this.#file.close();
        }
    }
    async close() {
        this.#taken = true;
        await this.#file.close();
    }
}
//# sourceMappingURL=spool-bytes.js.map