import { StorageError } from '../../core/errors.js';
import { EXIT } from '../failure.js';
import { printable } from '../output.js';
import { number, size, table } from '../wording.js';
/** In the order in which they are shown, as far as they are known. */
const TEXTS = [
    'contentType',
    'fileName',
    'contentDisposition',
    'cacheControl',
    'contentEncoding',
    'storageClass',
    'etag',
    'sha256',
    'versionId',
];
/** Tells everything that is known of a file. */
export async function stat(context, key) {
    const { output, signal } = context;
    const storage = await context.storage();
    const found = await storage.statFile(key, { signal });
    const tags = await tagsOf(storage, key, signal);
    await (output.json
        ? output.object({ ...found, ...(Object.keys(tags).length > 0 && { tags }) })
        : output.line(table(rows(found, tags))));
    return EXIT.ok;
}
/** The tags, which not every store tells with the file; that they cannot be had is no reason not to tell the rest. */
async function tagsOf(storage, key, signal) {
    try {
        return await storage.getFileTags(key, { signal });
    }
    catch (error) {
        if (!StorageError.is(error) || error.code === 'ABORTED')
            throw error;
        return {};
    }
}
function rows(found, tags) {
    const { key, size: bytes, lastModified, metadata, compressed, archive, expiresAt, pending } = found;
    return [
        ['key', printable(key)],
        ['size', sizeInFull(bytes)],
        ...(compressed === undefined ? [] : [['compressed', compression(compressed, bytes)]]),
        ['lastModified', lastModified.toISOString()],
        ...(expiresAt === undefined ? [] : [['expiresAt', expiresAt.toISOString()]]),
        ...TEXTS.flatMap(name => (found[name] === undefined ? [] : [[name, printable(found[name])]])),
        ...(archive === undefined ? [] : [['archive', archiveText(archive)]]),
        ...Object.entries(tags).map(([name, value]) => [`tag.${printable(name)}`, printable(value)]),
        ...Object.entries(metadata).map(([name, value]) => [`metadata.${name}`, printable(value)]),
        ...(pending ? [['pending', 'true']] : []),
    ];
}
/** Such as `thawed, until 2026-01-01T00:00:00.000Z`. */
function archiveText({ state, until }) {
    return until === undefined ? state : `${state}, until ${until.toISOString()}`;
}
function sizeInFull(bytes) {
    return bytes < 1000 ? `${bytes} B` : `${size(bytes)} (${number(bytes)} bytes)`;
}
/** Such as `gzip, 1.2 kB (1,234 bytes), 12 % of the size`. */
function compression({ encoding, size: stored }, bytes) {
    return `${encoding}, ${sizeInFull(stored)}, ${Math.ceil((100 * stored) / bytes)} % of the size`;
}
//# sourceMappingURL=stat.js.map