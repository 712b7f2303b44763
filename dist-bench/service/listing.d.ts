import type { ListOptions, Store, StorePage } from '../core/store.js';
import type { ListFilesOptions, Listing } from '../storage.js';
/** Runs one step of a listing on the opened store. */
type RunStep = (op: string, step: (store: Store, signal: AbortSignal | undefined) => Promise<StorePage>) => Promise<StorePage>;
/** A listing that asks the store for a page when its reader wants one. @throws `INVALID_ARGUMENT` on the first step */
export declare function listing(options: ListFilesOptions, run: RunStep): Listing;
/** All pages of a store's listing, one after the other; between two the event loop gets a turn. */
export declare function storePages(store: Store, options: ListOptions): AsyncGenerator<StorePage>;
export {};
