import { tmpdir } from 'node:os';
import { ENCODINGS } from '../core/compression.js';
import { PROOF_BYTES, proveContentType } from '../core/content-type.js';
import { StorageError } from '../core/errors.js';
import { openSpillFile } from '../core/spill-file.js';
import { requireCodec } from '../transforms/codecs.js';
import { compress } from '../transforms/compress.js';
import { checkWord, invalidArgument } from './arguments.js';
/** `auto` leaves content below this as it is: it is no less to store, and each read would pay. */
const AUTO_MIN_BYTES = 1024;
/** What of its bytes `auto` may leave of content; what keeps more is stored as it is. */
const AUTO_WORTH = 0.95;
/** Pictures and sound without compression of their own. */
const RAW_MEDIA = /^(?:image\/(?:bmp|tiff|vnd\.adobe\.photoshop|x-icon)|audio\/(?:wav|vnd\.wave|aiff|basic)|video\/x-raw)$/;
/** Media, and the archives and documents (which are archives) that are compressed in themselves. */
const PACKED = /^(?:image|audio|video)\/|^application\/(?:zip|gzip|zstd|ogg|epub\+zip|java-archive|vnd\.(?:rar|openxmlformats|oasis\.opendocument|ms-cab|android)|x-(?:7z|rar|bzip|bzip2|xz|lzip|lzma|compress|lz4|lzh|xpinstall|rpm|deb))/;
/**
 * Checks what an upload asks for, before its content is touched.
 *
 * @returns undefined where nothing is to be compressed
 * @throws StorageError `INVALID_ARGUMENT`; `UNSUPPORTED` for a codec that this version of Node does not have
 */
export function parseCompression({ compress: wanted, contentEncoding, }) {
    if (wanted === undefined || wanted === false)
        return undefined;
    if (typeof wanted !== 'string')
        throw invalidArgument('put', 'compress', wanted, `false, 'auto' or ${ENCODINGS.join(', ')}`);
    checkWord('put', 'compress', wanted, ['auto', ...ENCODINGS]);
    if (wanted === 'auto')
        return contentEncoding === undefined ? wanted : undefined;
    if (contentEncoding !== undefined) {
        const message = `The content comes with the contentEncoding ${JSON.stringify(contentEncoding)}, and is not to be compressed by ${wanted} once more; accepted: one of contentEncoding and compress.`;
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'put', message });
    }
    requireCodec(wanted);
    return wanted;
}
/** The progress of an upload, which counts what was stored and not what was compressed. */
export class UploadProgress {
    #onProgress;
    #isPaused = false;
    constructor(onProgress) {
        this.#onProgress = onProgress;
    }
    /** What the content tells how far it was read; only what is a function is heard, the rest is for its check. */
    get ofContent() {
        const onProgress = this.#onProgress;
        if (typeof onProgress !== 'function')
            return onProgress;
        return progress => {
            if (!this.#isPaused)
                onProgress(progress);
        };
    }
    get ofStored() {
        return this.#onProgress;
    }
    /** Tells nothing of what the content is read for meanwhile. */
    async paused(work) {
        this.#isPaused = true;
        try {
            return await work();
        }
        finally {
            this.#isPaused = false;
        }
    }
}
/**
 * The upload with its content compressed, where that is worth it; else as it is.
 *
 * @throws StorageError `INVALID_ARGUMENT` if the content has another SHA-256 than `upload` says
 */
export async function compressUpload(upload, { compression, progress, spillFolder = tmpdir(), signal }) {
    const { source, attributes, sha256 } = upload;
    const isAuto = compression === 'auto';
    if (isAuto && !(await mayShrink(source)))
        return upload;
    const compressed = await progress.paused(() => compress(source, isAuto ? 'gzip' : compression, {
        worth: isAuto ? AUTO_WORTH : 1,
        openSpill: () => openSpillFile(spillFolder),
        onProgress: progress.ofStored,
        signal,
    }));
    if (compressed === undefined)
        return upload;
    const { original } = compressed;
    const got = original?.sha256 ?? compressed.sha256;
    if (sha256 !== undefined && got !== sha256) {
        await compressed.source.close();
        const message = `The content has the SHA-256 ${got}, and ${sha256} was declared.`;
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'put', message });
    }
    return {
        source: compressed.source,
        sha256: compressed.sha256,
        attributes: original === undefined ? attributes : { ...attributes, contentEncoding: original.encoding, original },
    };
}
async function mayShrink(source) {
    if (source.size !== undefined && source.size < AUTO_MIN_BYTES)
        return false;
    const first = await source.read(0, PROOF_BYTES);
    if (first.length < AUTO_MIN_BYTES)
        return false;
    const proven = await proveContentType(first);
    return proven === undefined || RAW_MEDIA.test(proven) || !PACKED.test(proven);
}
//# sourceMappingURL=compressing.js.map