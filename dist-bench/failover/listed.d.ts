import { type Key } from '../core/key.js';
import type { Store } from '../core/store.js';
export interface ListedOptions {
    readonly signal: AbortSignal;
    /** Whether more writes are about to begin. */
    readonly hasMore: () => boolean;
}
/**
 * Finds out for many keys in one request whether the primary holds what was just written there: a listing tells
 * size and ETag of each, and the ETag is compared with the one that the write's own success returned. Keys that lie
 * far apart, and few at a time, are not worth a listing.
 */
export declare class Listed {
    #private;
    constructor(store: Store, options: ListedOptions);
    /** Runs a write whose key may be asked for by {@link shows} as soon as it has ended: others wait for its company. */
    coming<T>(write: () => Promise<T>): Promise<T>;
    /**
     * Whether a listing shows the key with this size and ETag.
     *
     * @returns false where it does not, or none was made: then the key is to be looked up by itself
     */
    shows(key: Key, size: number, etag: string): Promise<boolean> | boolean;
}
