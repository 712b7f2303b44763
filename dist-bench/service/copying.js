import { parseAttributes } from '../core/attributes.js';
import { StorageError } from '../core/errors.js';
import { openSource } from '../core/source.js';
/** What a copy may be given in place of what its source carries. */
const OVERRIDES = [
    'contentType',
    'fileName',
    'contentDisposition',
    'cacheControl',
    'metadata',
    'tags',
    'storageClass',
];
/** Copies an object, on the store's side where it can. `source` is what is known of it, if anything is. */
export async function copyObject(store, from, to, options, signal, source) {
    const { ifMatch, ifNoneMatch } = options;
    const overrides = options.expiresAt !== undefined || OVERRIDES.some(name => options[name] !== undefined);
    const stat = source ?? (overrides || store.copy === undefined ? await store.head(from, { signal }) : undefined);
    const attributes = stat !== undefined && overrides
        ? withOwn(parseAttributes({ ...stat, ...defined(options) }, 'copy'), stat, options)
        : undefined;
    if (store.copy !== undefined) {
        return store.copy(from, to, { attributes, sourceIfMatch: stat?.etag, ifMatch, ifNoneMatch, signal });
    }
    const object = await store.get(from, { ifMatch: stat?.etag, signal });
    const content = await openSource(object.body, { size: object.stat.size, signal });
    try {
        return await store.put(to, content, {
            attributes: attributes ?? object.stat,
            ifMatch,
            ifNoneMatch,
            signal,
        });
    }
    finally {
        await content.close();
    }
}
/**
 * Removes the source of a move, if it is still the object that was copied: by a condition where the store has
 * them, else by asking first. A newer object under the key stays.
 */
export async function deleteMoved(store, key, etag, signal) {
    try {
        await store.delete(key, { ifMatch: etag, signal }).catch(async (error) => {
            // What a server can do may be known only once it was asked.
            if (!StorageError.is(error, 'UNSUPPORTED'))
                throw error;
            if ((await store.head(key, { signal })).etag === etag)
                await store.delete(key, { signal });
        });
    }
    catch (error) {
        if (!StorageError.is(error, 'PRECONDITION_FAILED') && !StorageError.is(error, 'NOT_FOUND'))
            throw error;
    }
}
/** The bytes are the same, and so is what they were compressed from; and when they are gone, unless told otherwise. */
function withOwn(attributes, { original, expiresAt: own }, { expiresAt: given = own }) {
    return {
        ...attributes,
        ...(original !== undefined && { original }),
        ...(given !== undefined && given !== null && { expiresAt: given }),
    };
}
function defined(options) {
    return Object.fromEntries(OVERRIDES.filter(name => options[name] !== undefined).map(name => [name, options[name]]));
}
//# sourceMappingURL=copying.js.map