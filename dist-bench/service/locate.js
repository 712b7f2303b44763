import { fileStat } from './results.js';
/** A file that the bucket has just said to hold, and nothing here has a say in; undefined for any other. */
export async function locateAtPrimary(store, key, signal) {
    const stat = await store.look(key, { signal });
    // The bucket would send compressed bytes to whoever asks, whether he takes them or not.
    if (stat === undefined || stat.original !== undefined)
        return undefined;
    return {
        stat: fileStat(stat),
        url: answer => store.presignQuiet(key, { method: 'GET', ...answer }),
    };
}
/**
 * Whether browsers that reach this server may be sent to the bucket. Not from https to http, which they refuse to
 * follow for parts of a page; and not within one origin, where an upload would come without the policy that keeps
 * it apart from the pages of that origin.
 */
export function maySendTo(publicUrl, bucketOrigin) {
    const own = new URL(publicUrl);
    const bucket = new URL(bucketOrigin);
    return own.origin !== bucket.origin && (own.protocol !== 'https:' || bucket.protocol === 'https:');
}
//# sourceMappingURL=locate.js.map