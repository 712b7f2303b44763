import type { StorageConfig } from '../../config.js';
import type { Logger } from '../../core/logger.js';
/** Folders of a drill's own. The user's storage folder is not opened. */
export interface Scratch {
    /** Holds the oracle's record and the log, and the storage folder unless the ledger is elsewhere. */
    readonly folder: string;
    readonly localStoragePath: string;
    /** Where the user's ledger is on another disk. */
    readonly ledgerPath: string | undefined;
    /** Writes to `log.ndjson` in the folder. */
    readonly logger: Logger;
    remove(): Promise<void>;
}
/** Makes the folders: beside the user's, so that the same disk is rehearsed; where that may not be written, in the system's. */
export declare function makeScratch(config: StorageConfig): Promise<Scratch>;
