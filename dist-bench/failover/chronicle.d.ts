import type { StorageError } from '../core/errors.js';
import type { Key } from '../core/key.js';
import type { Logger } from '../core/logger.js';
import type { Direction, FailoverListener } from './events.js';
import type { CommitOptions, Conflict, RowContent } from './journal.js';
import type { Totals } from './totals.js';
export interface ChronicleOptions {
    readonly logger: Logger;
    readonly totals: Pick<Totals, 'totals'>;
    /** Milliseconds between two probes, for what is said of them. */
    readonly probeIntervalMs: number;
    readonly listener?: FailoverListener | undefined;
}
/** What this process has counted since it opened the folder. */
export interface Counts {
    /** Uploads and deletes that the local disk acknowledged in the place of the primary. */
    readonly fallbackUploads: number;
    readonly fallbackBytes: number;
    readonly fallbackDeletes: number;
    /** What this process brought to the primary. */
    readonly replicated: number;
    readonly replicatedBytes: number;
    /** Tries that failed, by the code of the error. */
    readonly failures: ReadonlyMap<string, number>;
    readonly opened: Readonly<Record<Direction, number>>;
    readonly closed: Readonly<Record<Direction, number>>;
}
/**
 * What happens, told: to the application as events, to the operator as log lines, to whoever asks as counts. One
 * outage is one line when it begins, one when it ends, and one when the primary holds everything again.
 */
export declare class Chronicle {
    #private;
    constructor(options: ChronicleOptions);
    get counts(): Counts;
    /** How fast this process brings things to the primary: averages over the last minute. */
    get rate(): {
        readonly operations: number;
        readonly bytes: number;
    };
    /** Seconds until nothing is pending, at this rate; undefined where nothing is, or nothing moves. */
    get secondsLeft(): number | undefined;
    /** The journal holds something from before. */
    found(): void;
    /** The primary takes no more reads or writes. @param locked whether that lasts until somebody mends something */
    opened(what: Direction, error: StorageError, locked: boolean): void;
    /** What keeps the primary away is another by now. */
    changed(what: Direction, error: StorageError, locked: boolean): void;
    /** The primary takes reads or writes again. */
    closed(what: Direction): void;
    /** Reads off a change of the journal what it means. */
    committed(key: Key, seen: RowContent | undefined, next: RowContent | undefined, { epoch, conflict }: CommitOptions): void;
    conflict({ id, key, loser }: Pick<Conflict, 'id' | 'key' | 'loser'>): void;
    /** An entry was not brought to the primary this time. */
    failed(code: string): void;
    /** Nothing is pending any more. */
    drained(): void;
}
