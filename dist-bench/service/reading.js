import { StorageError } from '../core/errors.js';
import { resolveRange } from '../core/range.js';
import { requireCodec } from '../transforms/codecs.js';
import { DecodedBody } from '../transforms/decoded-body.js';
/**
 * Opens an object so that its content is read, whether it is stored compressed or not.
 *
 * Whether it is is known when the store has answered: a range was then one of other bytes, and is asked for again. Who
 * reads what is not compressed pays nothing for that.
 *
 * @param accepted encodings that the caller undoes itself, where no range is asked for
 */
export async function openContent(store, key, options, accepted = []) {
    const { range, ...whole } = options;
    if (range !== undefined) {
        const object = await openRange(store, key, options);
        if (object !== undefined)
            return { object };
    }
    const object = await store.get(key, whole);
    const { original } = object.stat;
    if (original === undefined && range !== undefined) {
        // Written anew in the meantime, and not compressed.
        await object.body.close();
        return openContent(store, key, options, accepted);
    }
    if (original === undefined)
        return { object };
    if (range === undefined && accepted.includes(original.encoding))
        return { object, encoding: original.encoding };
    let resolved;
    try {
        requireCodec(original.encoding);
        resolved = range === undefined ? undefined : resolveRange(range, original.size, key);
    }
    catch (error) {
        await object.body.close();
        throw error;
    }
    const body = new DecodedBody(object.body, original, key, resolved);
    return { object: { stat: object.stat, body, ...(resolved !== undefined && { range: resolved }) } };
}
/** The range of an object that is not compressed; undefined for one that is. */
async function openRange(store, key, options) {
    try {
        const object = await store.get(key, options);
        if (object.stat.original === undefined)
            return object;
        await object.body.close();
    }
    catch (error) {
        // The range may lie behind the compressed bytes, but in the content.
        if (!StorageError.is(error, 'RANGE_NOT_SATISFIABLE'))
            throw error;
        const stat = await store.head(key, { signal: options.signal });
        if (stat.original === undefined)
            throw error;
    }
    return undefined;
}
//# sourceMappingURL=reading.js.map