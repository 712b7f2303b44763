import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { StorageError } from '../core/errors.js';
import { openSource, readChunks, sourceOf } from '../core/source.js';
import { createEncoder } from './codecs.js';
import { decoded } from './decode.js';
import { Packed } from './packed.js';
/** How much of content decides whether it is worth compressing. */
const SAMPLE_BYTES = 1024 * 1024;
const PIECE_BYTES = 512 * 1024;
/**
 * Compresses content, all of it before anything is stored: only then are its length and hash known, which an object
 * store wants to hear first. Memory holds a part; what is longer waits in a nameless file.
 *
 * @returns undefined where the content is to be stored as it is; then it can be read from its beginning still
 * @throws StorageError what reading the content throws; `NO_SPACE` where a stream does not fit on the disk
 */
export async function compress(content, encoding, options) {
    const sample = await content.read(0, SAMPLE_BYTES);
    const pack = await packAll(encoding, [sample], options);
    if (!(pack.packed.size < pack.original.size * options.worth)) {
        await pack.packed.close();
        return undefined;
    }
    if (sample.length < SAMPLE_BYTES || content.size === sample.length)
        return compressed(pack, options);
    await pack.packed.close();
    return compressLarge(content, encoding, options);
}
async function compressLarge(content, encoding, options) {
    const replayable = content.replayable === true;
    let pack;
    try {
        pack = await packAll(encoding, readChunks(content, PIECE_BYTES), options);
    }
    catch (error) {
        // A disk that is too full to compress on may not be needed at all.
        if (replayable && StorageError.is(error, 'NO_SPACE'))
            return undefined;
        throw error;
    }
    const { packed, original } = pack;
    if (packed.size < original.size)
        return compressed(pack, options);
    // The rest did not keep what the sample promised.
    if (replayable) {
        await packed.close();
        return undefined;
    }
    const { onProgress, signal } = options;
    const source = await openSource(decoded(packed, original), { size: original.size, onProgress, signal });
    return { source: closingBoth(source, packed), sha256: original.sha256 };
}
function compressed({ packed, original }, { onProgress, signal }) {
    const scaled = onProgress &&
        (({ sentBytes }) => {
            const part = packed.size === 0 ? 1 : sentBytes / packed.size;
            onProgress({ sentBytes: Math.round(part * original.size), totalBytes: original.size });
        });
    return { source: sourceOf(packed, { onProgress: scaled, signal }), sha256: packed.sha256, original };
}
async function packAll(encoding, pieces, { openSpill }) {
    const packed = new Packed(openSpill);
    const hash = createHash('sha256');
    let size = 0;
    try {
        await pipeline(async function* () {
            for await (const piece of pieces) {
                // A caller who reuses the content while it is worked on changes neither bytes nor hash.
                const copy = Buffer.from(piece);
                hash.update(copy);
                size += copy.length;
                yield copy;
            }
        }, createEncoder(encoding), async (chunks) => {
            for await (const chunk of chunks)
                await packed.append(chunk);
        });
        packed.finish();
    }
    catch (error) {
        await packed.close();
        throw error;
    }
    return { packed, original: { encoding, size, sha256: hash.digest('hex') } };
}
function closingBoth(source, packed) {
    return {
        size: source.size,
        read: (offset, length) => source.read(offset, length),
        release: offset => source.release(offset),
        close: async () => {
            await source.close();
            await packed.close();
        },
    };
}
//# sourceMappingURL=compress.js.map