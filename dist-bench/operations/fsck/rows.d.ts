import { type Check } from './check.js';
/** Holds the rows of the objects against their files, and the list of rows with work against the rows. */
export declare function checkRows(check: Check): Promise<void>;
