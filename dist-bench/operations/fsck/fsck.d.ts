import type { StorageConfig } from '../../config.js';
import type { FsckSummary } from './findings.js';
import { type FsckListener } from './reporter.js';
export interface FsckOptions extends FsckListener {
    readonly config: Pick<StorageConfig, 'localStoragePath' | 'ledgerPath'>;
    /** Mends what can be mended without a doubt; otherwise nothing is changed. */
    readonly repair?: boolean | undefined;
    /** Makes a new ledger from the files in the folder, where there is none that can be read. */
    readonly rebuild?: boolean | undefined;
    /** Reads every byte, and compares it with its SHA-256. */
    readonly hash?: boolean | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly internals?: {
        readonly probe?: URL;
        readonly graceMs?: number;
    } | undefined;
}
/** Where the parts of a store lie. */
export interface StorePlace {
    readonly path: string;
    readonly ownPath: string;
    readonly ledgerPath: string;
    /** Whether the ledger lies where it does unless told otherwise: inside the folder that it belongs to. */
    readonly isInside: boolean;
}
/**
 * Holds ledger, files and journal of a storage folder against each other. Safe beside processes that use the folder:
 * what may be changing is looked at again before it is a finding, and a repair is a commit on the condition that
 * nothing has changed. Memory does not grow with the store.
 *
 * @returns what it came to; each finding goes to `onFinding` as it is made
 * @throws StorageError `CONFIG_INVALID` if there is no store, or another machine or container has it;
 *   `INVALID_ARGUMENT` for a rebuild of a ledger that can be read; `UNAVAILABLE` for one beside another process
 */
export declare function runFsck(options: FsckOptions): Promise<FsckSummary>;
