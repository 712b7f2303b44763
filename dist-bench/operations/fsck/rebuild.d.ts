import type { FsckOptions, StorePlace } from './fsck.js';
import type { ProbedLedger } from './ledger-probe.js';
import type { Reporter } from './reporter.js';
/**
 * Makes a new ledger from the files in the folder, as objects of the keys that are their paths. What cannot be
 * attributed to a key (spooled uploads, and files not yet or never in their place) is moved to
 * `.holdfast/lost+found`; a ledger that could not be read is kept beside the new one. Cut off before its end, it
 * leaves a folder that the next rebuild, or once the new ledger is there the next start, completes.
 *
 * @throws StorageError `UNAVAILABLE` while another process has the folder open
 */
export declare function rebuildLedger(place: StorePlace, ledger: ProbedLedger, options: FsckOptions, reporter: Reporter): Promise<void>;
