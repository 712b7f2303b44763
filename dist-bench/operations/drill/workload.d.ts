import type { Storage } from '../../storage.js';
import type { Random } from '../fault-proxy/random.js';
import { type Contents } from './content.js';
import type { DrillEvent } from './events.js';
export interface WorkloadOptions {
    readonly storage: Storage;
    /** Told, in order, what is asked and what is answered. */
    readonly tell: (event: DrillEvent) => void;
    /** What the keys begin with. */
    readonly prefix: string;
    /** Operations a second. */
    readonly rate: number;
    readonly random: Random;
    /** Makes the contents of the uploads. */
    readonly contents: Pick<Contents, 'next'>;
    /** Names the next operation, across all workloads of an oracle. */
    readonly nextId: () => number;
}
/** What was done so far. */
export interface WorkloadFigures {
    operations: number;
    acknowledged: number;
    /** Puts and deletes that were not acknowledged. */
    failed: number;
    /** Acknowledged by the local disk. */
    local: number;
    /** The longest that a caller waited for an answer of any kind. Milliseconds. */
    longestStallMs: number;
    longestStallOf: string;
}
/** People at work with the storage: they write, overwrite, read, list and delete, at a rate, whatever it does. */
export declare class Workload {
    #private;
    readonly figures: WorkloadFigures;
    constructor(options: WorkloadOptions);
    /** Works for so long, or until the signal fires. Operations may still be under way. */
    run(forMs: number, signal: AbortSignal): Promise<void>;
    /** Waits until every operation has its answer. */
    finish(): Promise<void>;
}
