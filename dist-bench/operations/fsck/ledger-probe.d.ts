import type { LedgerInspection } from '../../stores/local/ledger.js';
/** What is known of a ledger before it is opened. */
export type ProbedLedger = {
    readonly state: 'sound';
    readonly read: LedgerInspection;
} | {
    readonly state: 'missing';
} | {
    readonly state: 'unreadable';
    readonly why: string;
};
/**
 * Finds out, in a process of its own, whether a ledger can be read from end to end: LMDB maps its file into memory, and
 * where that is cut or damaged, the operating system ends the process that reads it.
 *
 * @param path the ledger's folder; nothing is made there
 * @throws StorageError `CONFIG_INVALID` for a ledger that another version of Holdfast wrote
 */
export declare function probeLedger(path: string, options?: {
    readonly signal?: AbortSignal | undefined;
    readonly program?: URL | undefined;
}): Promise<ProbedLedger>;
