import type { Key } from '../core/key.js';
import type { ObjectStat, Store } from '../core/store.js';
import type { CopyFileOptions } from '../storage.js';
/** What a copy is to be, with its expiry parsed: null for none, undefined for that of its source. */
export type CopyRequest = Omit<CopyFileOptions, 'expiresInSeconds' | 'expiresAt'> & {
    readonly expiresAt: number | null | undefined;
};
/** Copies an object, on the store's side where it can. `source` is what is known of it, if anything is. */
export declare function copyObject(store: Store, from: Key, to: Key, options: CopyRequest, signal: AbortSignal | undefined, source?: ObjectStat): Promise<ObjectStat>;
/**
 * Removes the source of a move, if it is still the object that was copied: by a condition where the store has
 * them, else by asking first. A newer object under the key stays.
 */
export declare function deleteMoved(store: Store, key: Key, etag: string, signal: AbortSignal | undefined): Promise<void>;
