import { StorageError } from '../core/errors.js';
import type { Key } from '../core/key.js';
import type { ObjectStat, OperationOptions, Store } from '../core/store.js';
/** What failover needs of the store that it stands in for, beside the driver contract. */
export interface Primary {
    readonly store: Store;
    /** Names the endpoint and bucket, for ever. */
    readonly target: string;
    /** Why nobody may ask it, where that is so. */
    readonly switchedOff?: StorageError | undefined;
    /** Whether a request that failed has certainly done nothing and never will, or may have, or may yet. */
    outcomeOf(error: unknown): 'failed' | 'unknown';
    /** Milliseconds since the epoch as requests are signed with. */
    now(): number;
    /** What is under the key, and when that was by the primary's own clock. Absence is no error here. */
    look(key: Key, options?: OperationOptions): Promise<Sighting>;
    /** Removes versions that one write has made more than once, where versions are kept. @returns how many */
    removeSurplusVersions?(key: Key, options?: OperationOptions): Promise<number>;
}
export interface Sighting {
    readonly object: ObjectStat | undefined;
    /** Milliseconds since the epoch, by the primary's clock. */
    readonly time: number;
}
/**
 * What an error of the primary says of it. `away`: it does not answer, or not for itself. `locked`: it answers,
 * and takes nothing from us until somebody mends credentials, bucket or clock. `refused`: it may be about this
 * object or about all; only a request of our own tells. `answered`: it works, and the request is the caller's.
 */
export type Trouble = 'away' | 'locked' | 'refused' | 'answered';
export declare function troubleOf(error: unknown): Trouble;
