import { StorageError } from '../core/errors.js';
import { type Key } from '../core/key.js';
import { Breaker } from './breaker.js';
import type { Chronicle } from './chronicle.js';
import { type Primary } from './primary.js';
export interface AvailabilityOptions {
    readonly primary: Primary;
    /** Tells the hosts of a bucket apart: each probes with an object of its own. */
    readonly host: string;
    readonly intervalMs: number;
    readonly chronicle: Pick<Chronicle, 'opened' | 'changed' | 'closed'>;
    /** Called when the primary takes writes again, or stops to. */
    readonly onChange: () => void;
}
/** Whether the primary can be read and written: two breakers, and what they ask. */
export declare class Availability {
    #private;
    readonly reads: Breaker;
    readonly writes: Breaker;
    constructor(options: AvailabilityOptions);
    /** Since when the primary has taken writes without a gap; milliseconds of `performance.now()`. */
    get answeringSince(): number;
    /** Milliseconds after which a caller may try again. */
    get retryAfterMs(): number;
    /** What callers get for what only the primary could tell of, while it is away. @param reason why, if not the breakers know */
    awayError(op: string, key: Key | undefined, reason?: StorageError): StorageError;
    /**
     * Asks the primary for a caller, who is told of an outage where it refuses everybody, as all who come later are.
     *
     * @throws what `question` throws, or StorageError `UNAVAILABLE`
     */
    ask<T>(breaker: Breaker, op: string, key: Key, question: () => Promise<T>): Promise<T>;
    /**
     * What a caller gets who was the first to meet that the primary is away, as {@link isAway} found: what says so
     * itself; in the place of a refusal of everybody, `UNAVAILABLE`.
     */
    outageError(op: string, key: Key, error: unknown): unknown;
    /**
     * Judges how an operation failed: whether the primary is to blame, so that something else must help. A refusal
     * that may be about one object is settled by an operation of our own.
     *
     * @returns true if the primary is away; false if the error is the caller's to see
     */
    isAway(breaker: Breaker, error: unknown): Promise<boolean>;
    /** Counts a silence that a caller did not wait out. */
    silent(breaker: Breaker, error: StorageError): void;
    /** Probes now where a breaker is open. */
    probe(): Promise<void>;
    close(): void;
}
