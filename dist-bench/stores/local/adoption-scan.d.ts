import { type Adopter } from './adopt.js';
import type { Ledger } from './ledger.js';
import type { Root } from './root.js';
/** Whether every file that was in the folder before its ledger has been looked at. */
export declare function isAdopted(ledger: Ledger): boolean;
/** Notes that it has. */
export declare function setAdopted(ledger: Ledger): Promise<void>;
/** Has the folder looked through anew, by the next scan. */
export declare function forgetAdopted(ledger: Ledger): Promise<void>;
/**
 * The one scan of a folder whose ledger is new, or that becomes the net of a bucket: adopts what was there before,
 * and goes on where it was left.
 */
export declare class AdoptionScan {
    #private;
    /** Settles when the scan has ended, one way or the other. */
    readonly done: Promise<void>;
    constructor(root: Root, adopter: Adopter);
    /** Whether it has come to its end, one way or the other. */
    get ended(): boolean;
    /** Whether files may be in the folder that have no row yet. */
    get running(): boolean;
    /** Ends the scan where it is. */
    close(): Promise<void>;
}
