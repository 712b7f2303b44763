import { type Check } from './check.js';
/** Holds the entries of the journal, and the conflicts, against the files with their bytes. */
export declare function checkEntries(check: Check): Promise<void>;
