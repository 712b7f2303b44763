import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { StorageError } from '../core/errors.js';
import { readChunks, sourceOf } from '../core/source.js';
import { createDecoder } from './codecs.js';
const PIECE_BYTES = 256 * 1024;
/** Compressed bytes that are read again from their beginning, decoded. */
export function decoded(bytes, original) {
    return decode(readChunks(sourceOf(bytes), PIECE_BYTES), original, {});
}
/**
 * Decodes compressed bytes as they come. Memory is bounded whatever they hold: not one byte past the recorded size of
 * the original is given out. The last piece of a whole original is held back until its length and hash were found right.
 *
 * @throws StorageError `INTEGRITY` where the bytes cannot be decoded, or are not the original's; what `pieces` throws
 */
export async function* decode(pieces, original, { key, start = 0, end = original.size }) {
    const decoder = createDecoder(original.encoding);
    const isWhole = start === 0 && end === original.size;
    const hash = isWhole ? createHash('sha256') : undefined;
    // What fails there ends the decoder with the same error; and nobody waits for a store that stands still.
    pipeline(pieces, decoder).catch(() => { });
    let at = 0;
    let held;
    try {
        for await (const chunk of decoder) {
            const from = at;
            at += chunk.length;
            if (at > original.size)
                throw wrong(key, `they hold more than the ${original.size} bytes recorded`);
            hash?.update(chunk);
            const part = chunk.subarray(Math.max(0, start - from), Math.max(0, end - from));
            if (part.length > 0) {
                if (held !== undefined)
                    yield held;
                held = part;
            }
            if (!isWhole && at >= end)
                break;
        }
        if (at < end)
            throw wrong(key, `they hold ${at} of the ${original.size} bytes recorded`);
        if (hash !== undefined && hash.digest('hex') !== original.sha256)
            throw wrong(key, 'what they hold has not the SHA-256 recorded');
    }
    catch (error) {
        if (StorageError.is(error))
            throw error;
        throw wrong(key, error instanceof Error ? error.message : String(error), error);
    }
    finally {
        decoder.destroy();
    }
    if (held !== undefined)
        yield held;
}
function wrong(key, why, cause) {
    const what = key === undefined ? 'The compressed bytes' : `The compressed bytes of ${key}`;
    return new StorageError({
        code: 'INTEGRITY',
        op: 'get',
        key,
        message: `${what} are not those that were written: ${why}.`,
        cause,
    });
}
//# sourceMappingURL=decode.js.map