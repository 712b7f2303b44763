import { pipeline } from 'node:stream/promises';
import { openSource, readChunks } from '../core/source.js';
import { createEncoder } from '../transforms/codecs.js';
import { checkOptions, invalidArgument } from './arguments.js';
const PIECE_BYTES = 256 * 1024;
/** Stores a file of the disk as a gzip file, `<key>.gz`; its bytes are compressed while they are sent. */
export async function storeGzipped(storage, path, key, options) {
    if (typeof path !== 'string')
        throw invalidArgument('put', 'path', path, 'the path of a file');
    if (typeof key !== 'string')
        throw invalidArgument('put', 'key', key, 'a key, without the ".gz"');
    checkOptions('put', options);
    const source = await openSource({ path }, { signal: options?.signal });
    const gzip = createEncoder('gzip');
    // An error of reading is the stream's own then, and so the upload's.
    pipeline(readChunks(source, PIECE_BYTES), gzip).catch(() => { });
    try {
        return await storage.uploadFile(gzip, `${key}.gz`, { ...options, contentType: 'application/gzip' });
    }
    finally {
        gzip.destroy();
        await source.close();
    }
}
//# sourceMappingURL=upload-compressed.js.map