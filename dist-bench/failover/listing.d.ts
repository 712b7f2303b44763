import { type Key } from '../core/key.js';
import type { ListedObject, ListOptions, StorePage } from '../core/store.js';
import { type Context } from './context.js';
/**
 * The primary's listing, corrected by the journal and filled up with what was here before the primary. The
 * journal is read before and after the primary's page: what it held before and not after has reached the
 * primary at some moment in between, on either side of the page, and is asked for again by itself.
 */
export declare class MergedListing {
    #private;
    constructor(context: Context, headAtPrimary: (key: Key, signal: AbortSignal | undefined) => Promise<ListedObject | undefined>);
    /** @see Store.list */
    list(options?: ListOptions): Promise<StorePage>;
}
