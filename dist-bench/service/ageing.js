import { attributesOf } from '../core/attributes.js';
import { checkEtags } from '../core/condition.js';
import { StorageError } from '../core/errors.js';
import { STANDARD } from '../core/storage-class.js';
import { checkWord, invalidArgument } from './arguments.js';
/** How long a file stays readable that is restored from an archive, unless said otherwise. */
const THAW_DAYS = 7;
/** As S3 writes them. */
const TIERS = ['Expedited', 'Standard', 'Bulk'];
/** The tags of an object. @throws StorageError `NOT_FOUND`, `UNSUPPORTED` */
export async function tagsOf(store, key, options) {
    if (store.getTags === undefined)
        throw withoutTags(store, key);
    return store.getTags(key, options);
}
/** Gives an object other tags. @throws StorageError `NOT_FOUND`, `UNSUPPORTED` */
export async function setTagsOf(store, key, tags, options) {
    if (store.setTags === undefined)
        throw withoutTags(store, key);
    return store.setTags(key, tags, options);
}
function withoutTags({ kind }, key) {
    return new StorageError({
        code: 'UNSUPPORTED',
        op: 'tags',
        key,
        store: kind,
        message: `The ${kind} store has no tags.`,
    });
}
/**
 * Brings an object to another storage class, by a copy onto itself that is made only if the object is still the one that
 * was looked at: so what somebody uploads meanwhile stays.
 *
 * @param ifMatch only if it has this ETag
 * @returns what it is then
 * @throws StorageError `NOT_FOUND`, `PRECONDITION_FAILED`, `ARCHIVED`, `UNSUPPORTED`
 */
export async function changeStorageClass(store, key, storageClass, ifMatch, signal) {
    const stat = await store.head(key, { signal });
    if (ifMatch !== undefined)
        checkEtags({ op: 'class', key, store: store.kind }, [stat.etag], { ifMatch });
    if ((stat.storageClass ?? STANDARD) === storageClass)
        return stat;
    if (!store.capabilities.storageClasses || store.copy === undefined) {
        const message = `The ${store.kind} store has no storage classes but ${STANDARD}.`;
        throw new StorageError({ code: 'UNSUPPORTED', op: 'class', key, store: store.kind, message });
    }
    const attributes = { ...attributesOf(stat), storageClass };
    return store.copy(key, key, { attributes, sourceIfMatch: stat.etag, ifMatch: stat.etag, signal });
}
/**
 * Asks for an archived object back. A store without archives has nothing to restore.
 *
 * @returns what it is then
 * @throws StorageError `NOT_FOUND`, `INVALID_ARGUMENT`, `UNSUPPORTED`
 */
export async function thawObject(store, key, { days = THAW_DAYS, tier }, signal) {
    if (!Number.isSafeInteger(days) || days < 1) {
        throw invalidArgument('thaw', 'days', days, 'a whole number of days from 1');
    }
    checkWord('thaw', 'tier', tier, TIERS);
    return store.thaw === undefined ? store.head(key, { signal }) : store.thaw(key, { days, tier, signal });
}
//# sourceMappingURL=ageing.js.map