import { StorageError } from '../../core/errors.js';
import type { Key } from '../../core/key.js';
import type { Logger } from '../../core/logger.js';
import type { ObjectStat, OperationOptions, Store } from '../../core/store.js';
import type { DueIndex, ExpiringWrite, KnownWrite } from './due-index.js';
export interface FatesOptions {
    /** Knows nothing of expiries. */
    readonly store: Store;
    readonly index: DueIndex;
    /** Milliseconds since the epoch. */
    readonly now: () => number;
    readonly logger: Logger;
    /** Whether what the index holds outlives this process. */
    readonly isDurable: boolean;
}
/**
 * What becomes of writes that expire: removed when they are due, or kept. The two exclude each other by the entry of
 * the index: who changes it first has decided, whatever the store answers and whenever.
 */
export declare class Fates {
    #private;
    constructor(options: FatesOptions);
    /** Calls back after each removal of an expired object. */
    onRemoved(listener: (removed: ObjectStat) => void | Promise<void>): void;
    /**
     * What readers see of an object: as if it had no expiry where it is kept.
     *
     * @returns undefined if it has expired
     */
    seen(stat: ObjectStat): ObjectStat | undefined;
    /** Whether a write that expires has. */
    isOver(expiresAt: number, known: ExpiringWrite | undefined): boolean;
    /**
     * Makes an object last: durably noted here, so that it holds while the store is away, and then changed there.
     *
     * @throws StorageError `NOT_FOUND`, also for one that has expired
     */
    keep(key: Key, options: OperationOptions): Promise<ObjectStat>;
    /**
     * Sees to a write that is due.
     *
     * @returns whether an object was removed
     * @throws StorageError what the store answered; the write is then still known, and to be seen to again
     */
    settle(write: KnownWrite): Promise<boolean>;
}
/** What an object's write is known by: every write of an object with an expiry has a name. */
export declare function idOf(stat: ObjectStat): string;
/** The stat of an object whose expiry counts no more. */
export declare function lasting(stat: ObjectStat): ObjectStat;
/** The error for an object that is not there, or not any more. */
export declare function notFound(op: string, key: Key): StorageError;
/** Whether a condition did not hold: somebody else has replaced or removed the object. */
export declare function isOther(error: unknown): boolean;
