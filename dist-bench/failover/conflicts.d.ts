import type { Key } from '../core/key.js';
import type { ObjectStat } from '../core/store.js';
import { type Context } from './context.js';
import { type JournaledPut, type JournalRow } from './journal.js';
import { type SpoolBytes } from './spool-bytes.js';
/** Lets somebody else's newer object stand, and keeps our bytes for a person to decide. */
export declare function toConflict(context: Context, row: JournalRow, state: JournaledPut, epoch: number): Promise<'done' | 'again'>;
/**
 * A file with the bytes of a state, for a person to look at: one is made where the journal holds them.
 *
 * @throws StorageError `INTEGRITY`
 */
export declare function conflictFile(bytes: SpoolBytes, key: Key, state: JournaledPut): Promise<string>;
/** Keeps somebody else's object, about to be overwritten by our newer one, for a person to decide. */
export declare function saveTheirs(context: Context, key: Key, object: ObjectStat, signal: AbortSignal): Promise<void>;
