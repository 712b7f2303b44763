import * as zlib from 'node:zlib';
import { StorageError } from '../core/errors.js';
/** Bytes that a codec gives out at a time: large enough that the pieces cost nothing, small enough to hold many. */
const CHUNK_BYTES = 128 * 1024;
/** The levels: what each library takes for the balance of time and size, and for Brotli the one near gzip's time. */
const GZIP_LEVEL = 6;
const BROTLI_QUALITY = 5;
function zstd() {
    if ('createZstdCompress' in zlib && 'createZstdDecompress' in zlib)
        return zlib;
    throw new StorageError({
        code: 'UNSUPPORTED',
        op: 'compress',
        message: `Node.js ${process.version} has no zstd; it takes 22.15, 23.8 or a newer version. gzip and br are there.`,
    });
}
/** @throws StorageError `UNSUPPORTED` where this version of Node has no such codec */
export function requireCodec(encoding) {
    if (encoding === 'zstd')
        zstd();
}
/** A stream that compresses. @throws StorageError `UNSUPPORTED` */
export function createEncoder(encoding) {
    const chunkSize = CHUNK_BYTES;
    if (encoding === 'zstd')
        return zstd().createZstdCompress({ chunkSize });
    if (encoding === 'gzip')
        return zlib.createGzip({ level: GZIP_LEVEL, chunkSize });
    const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
    return zlib.createBrotliCompress({ params, chunkSize });
}
/** A stream that gives back what was compressed. @throws StorageError `UNSUPPORTED` */
export function createDecoder(encoding) {
    const chunkSize = CHUNK_BYTES;
    if (encoding === 'zstd')
        return zstd().createZstdDecompress({ chunkSize });
    return encoding === 'gzip' ? zlib.createGunzip({ chunkSize }) : zlib.createBrotliDecompress({ chunkSize });
}
//# sourceMappingURL=codecs.js.map