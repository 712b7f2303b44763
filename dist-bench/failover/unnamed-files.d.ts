import type { Ledger } from '../stores/local/ledger.js';
import type { LedgerJournal } from './ledger-journal.js';
/**
 * Takes out of a set of names those that the ledger speaks of: files in `objects` (`<folder>/<name>`), and ids of bytes
 * that lie in the ledger itself; as those of an entry of the journal, of a conflict, or of an object or an earlier
 * version of one. All of it is read as of one moment, since an entry may move from one key to another; the memory it
 * takes does not grow with the ledger.
 *
 * @param names what is left in it when this resolves, nothing speaks of
 */
export declare function removeNamed(ledger: Ledger, journal: LedgerJournal, names: Set<string>, signal?: AbortSignal): Promise<void>;
