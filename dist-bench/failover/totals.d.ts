import { type Journal, type RowContent } from './journal.js';
export interface TotalsOptions {
    /** The most bytes that acknowledged content may take here. */
    readonly maxBytes: number;
    /** Free bytes of the disk that are left alone. */
    readonly reserveBytes: number;
    /** Free bytes of the disk, as they were a moment ago, or as they are now. */
    readonly freeBytes: (now?: boolean) => Promise<number>;
    /** Frees disk that nobody needs. @returns how many bytes */
    readonly makeRoom?: ((bytes: number) => Promise<number>) | undefined;
    /** Called when nothing is pending any more, as far as is known here. */
    readonly onDrained?: (() => void) | undefined;
}
/** What the journal comes to. */
export interface PendingTotals {
    /** States that the primary has not been seen to hold. */
    readonly pending: number;
    readonly pendingBytes: number;
    /** When the oldest of them was acknowledged, as of the last count: milliseconds since the epoch. */
    readonly oldestAt: number | undefined;
    /** Keys that only wait until no late attempt can come any more. */
    readonly settling: number;
    readonly parked: number;
    /** Uploads and deletes for another bucket, and one of the buckets that they are for. */
    readonly held: number;
    readonly heldFor?: string | undefined;
}
/**
 * Counts what the journal holds: at the start and now and then by going through it, in between by what this
 * process commits. And keeps it within its bounds.
 */
export declare class Totals {
    #private;
    constructor(target: string, options: TotalsOptions);
    get totals(): PendingTotals;
    /** Bytes that acknowledged content takes here, and the most that it may; free bytes that are left alone. */
    get space(): {
        readonly usedBytes: number;
        readonly maxBytes: number;
        readonly reserveBytes: number;
    };
    /** Rows in the journal, as far as this process knows. */
    get rows(): number;
    /** Whether the journal has room for more small content. */
    get mayHold(): boolean;
    /** A commit begins, which a count may or may not see. @returns to be called once it is counted, or has failed */
    changing(): () => void;
    /** Counts a change. @returns whether nothing is pending any more; then {@link drained} is to be called */
    changed(seen: RowContent | undefined, next: RowContent | undefined): boolean;
    /** Tells that nothing is pending any more. */
    drained(): void;
    /**
     * Sets space aside for content about to be written.
     *
     * @returns to be called when it is written and counted, or was given up
     * @throws StorageError `NO_SPACE`
     */
    reserve(size: number): Promise<() => void>;
    /**
     * Goes through the journal. Others' commits of the meantime are counted the next time.
     *
     * @returns false if commits of this process came in between: then it is to be done again when it is quieter
     */
    count(journal: Journal): Promise<boolean>;
}
