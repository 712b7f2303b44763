import { type Context } from './context.js';
import { type JournalRow } from './journal.js';
import { type Replayed } from './replay.js';
/** Milliseconds until a row that waits for late attempts can be checked, as far as this host's clock tells. */
export declare function settlesInMs(context: Context, row: JournalRow): number;
/**
 * Checks a row whose state the primary held, or that has none, once no attempt in doubt can land any more: by
 * the primary's clock, which an answer tells. What a late attempt has undone is done again.
 */
export declare function settle(context: Context, row: JournalRow, epoch: number, host: string, signal: AbortSignal): Promise<Replayed>;
