/** What stays free for the ledger: to settle rows, and to record removals, which free more. */
export declare const MIN_FREE_BYTES: number;
/**
 * Keeps writers of new bytes from filling the disk to its last block, where not even the ledger could commit: it
 * writes new pages before it frees old ones, and takes a write cut short by a full disk for a broken one.
 */
export declare class FreeSpace {
    #private;
    constructor(paths: readonly string[]);
    /** @throws StorageError `NO_SPACE` if there is no room for more */
    check(op: string, key: string): Promise<void>;
    /** Whether there is no room for more, asked now. */
    isLow(): Promise<boolean>;
}
