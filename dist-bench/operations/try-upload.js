import { randomUUID } from 'node:crypto';
import { parseAttributes } from '../core/attributes.js';
import { internalKey } from '../core/key.js';
import { openSource } from '../core/source.js';
/** Uploads a small object of Holdfast's own and removes it again. @throws StorageError what the store answers */
export async function tryUpload(store, signal) {
    const key = internalKey(`probe/${randomUUID()}`);
    const attributes = parseAttributes({ contentType: 'text/plain' });
    await store.put(key, await openSource(Buffer.from('probe')), { attributes, signal });
    await store.delete(key, { signal });
}
//# sourceMappingURL=try-upload.js.map