import type { OperationActivity } from '../storage.js';
/** Seconds: a call is counted under the smallest of these that it did not exceed, or under none. */
export declare const DURATION_BOUNDS: readonly number[];
/** Counts calls, how they ended and how long they took: plain numbers, since every call comes by here. */
export declare class Tally {
    #private;
    /** @param startedAt by `performance.now()` */
    record(op: string, error: unknown, startedAt: number): void;
    /** What was counted so far. */
    get operations(): OperationActivity[];
}
