import type { Store } from '../core/store.js';
import type { DeleteReport } from '../storage.js';
/** Removes any number of objects, in batches as they come; a failure is kept and stops none of the others. */
export declare class Deletion {
    #private;
    constructor(store: Store, signal: AbortSignal | undefined);
    /** Adds a key; an invalid one is reported as failed. */
    add(key: string): Promise<void>;
    /** Removes what is left and reports. */
    finish(): Promise<DeleteReport>;
}
/**
 * The keys that a caller gives, none waited for once the signal has fired.
 *
 * @throws StorageError `INVALID_ARGUMENT` for what is no iterable, or a string: its letters are not meant;
 *   `ABORTED` where the caller's own iterable fails
 */
export declare function givenKeys(keys: Iterable<string> | AsyncIterable<string>, signal: AbortSignal | undefined): AsyncIterable<string>;
