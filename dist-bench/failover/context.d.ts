import type { Key } from '../core/key.js';
import type { Logger } from '../core/logger.js';
import type { SpillFile } from '../core/spill-file.js';
import type { StampClock } from '../core/stamp.js';
import type { ObjectStat, Store } from '../core/store.js';
import type { Availability } from './availability.js';
import type { Chronicle } from './chronicle.js';
import { type CommitOptions, type Journal, type JournaledState, type JournalRow, type RowContent, type UnknownAttempts } from './journal.js';
import type { Primary } from './primary.js';
import type { ReadCache } from './read-cache.js';
import type { SpoolBytes } from './spool-bytes.js';
import type { Totals } from './totals.js';
export interface FailoverSettings {
    /** From content in hand to an answer, for content of one part; then the local disk takes over. Milliseconds. */
    readonly firstAnswerMs: number;
    /** How long after its signing a request may still be taken by the primary. Milliseconds. */
    readonly settleWindowMs: number;
    /** How long the primary must have been answering before a settlement is checked. Milliseconds. */
    readonly settleQuietMs: number;
    /** Every put takes the local disk first. */
    readonly writeBehind: boolean;
}
/** Local objects that were there before the primary was, each until its key is written or deleted. */
export interface Legacy {
    readonly store: Store;
    /** Whether there is a copy under the key; asks nothing but memory or the ledger. */
    holds(key: Key): boolean;
}
/** What the parts of failover share. */
export interface Context {
    readonly primary: Primary;
    readonly journal: Journal;
    readonly bytes: SpoolBytes;
    readonly totals: Totals;
    readonly availability: Availability;
    /** Told of what happens. */
    readonly chronicle: Chronicle;
    readonly clock: Pick<StampClock, 'next'>;
    readonly settings: FailoverSettings;
    readonly logger: Logger;
    /** Objects of the time before the primary: read where the primary has none. */
    readonly legacy?: Legacy | undefined;
    /** Copies of what the primary holds. */
    readonly cache?: ReadCache | undefined;
    readonly openSpill: () => Promise<SpillFile>;
    /** Attaches the folder to the primary, before the first mutation; undefined once it is. */
    readonly attach: () => Promise<void> | undefined;
    /** Gives up disk space that is held for removals on a full disk. @returns whether there was any */
    readonly relieve?: (() => Promise<boolean>) | undefined;
    /** Tells the replicator that a key has work. */
    readonly wake: (key: Key) => void;
}
/** Requests of dead processes that may still land, as far as they could touch any key; undefined once none can. */
export declare function suspicion(context: Context): UnknownAttempts | undefined;
/** Whether the row is one that speaks for the key: held entries of another bucket do not. */
export declare function isOurs(context: Context, row: JournalRow | undefined): row is JournalRow;
/** What is known of attempts at the primary; those at another bucket do nothing to this one. */
export declare function unknownOf(context: Context, row: JournalRow | undefined): UnknownAttempts | undefined;
/** The row's acknowledged state, if the key is busy. */
export declare function busyState(context: Context, row: JournalRow | undefined): JournaledState | undefined;
/**
 * Commits a row, keeps count, and removes the bytes that no row names any more. What the row held for another
 * bucket is set aside for that. A key that has no row of ours after it has no copy in the read cache before: the
 * primary may hold something else by now.
 *
 * @returns false if the row was another by now
 */
export declare function commit(context: Context, key: Key, seen: JournalRow | undefined, next: RowContent | undefined, options?: CommitOptions): Promise<boolean>;
/** Commits what frees space, now or later: on a full disk, with the space that is held for that. */
export declare function withRelief<T>(context: Context, commit: () => Promise<T>): Promise<T>;
/** Removes the local copy from before the primary, once something newer was acknowledged: it never serves again. */
export declare function dropLegacy({ legacy }: Context, key: Key): Promise<void>;
/** Notes attempts whose outcome is not known, whatever the row is by now. */
export declare function noteUnknown(context: Context, key: Key, attempts: UnknownAttempts): Promise<void>;
/**
 * Called when a write of ours to a quiet key was applied. If the key has become busy meanwhile, the write counts
 * as older than what was acknowledged there, and whoever is about to find the primary in agreement must look
 * again: the row gets a new revision.
 */
export declare function settleOvertaken(context: Context, key: Key): Promise<void>;
/**
 * A stat of the primary as users see it: its ETag is the write id, where it has one. The stat is changed in place;
 * it was made for this one answer.
 */
export declare function seenStat(stat: ObjectStat): ObjectStat;
