import type { Tables } from '../memory-tables.js';
import type { LocalOutcome } from './local-files.js';
/** A look through the folder's files by their rules that came to its end. Times are milliseconds since the epoch. */
export interface LifecycleRun {
    readonly startedAt: number;
    readonly endedAt: number;
    readonly outcome: LocalOutcome;
}
/** When the files were looked through last, by whichever process: one row in the ledger. */
export declare class RunLog {
    #private;
    constructor(tables: Tables);
    last(): LifecycleRun | undefined;
    /**
     * Whether a look is due: one a span, and the spans are counted from midnight UTC. One that was cut off is in no row, and so
     * is due again.
     */
    isDue(now: number, intervalMs: number): boolean;
    note(run: LifecycleRun): Promise<void>;
}
