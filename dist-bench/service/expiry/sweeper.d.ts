import type { Logger } from '../../core/logger.js';
import type { WorkLease } from '../work-lease.js';
import type { DueIndex } from './due-index.js';
import type { Fates } from './fates.js';
export interface SweeperOptions {
    readonly index: DueIndex;
    readonly fates: Fates;
    /** Held while there is something to do: one process of a folder sweeps at a time. */
    readonly lease: WorkLease;
    /** Milliseconds since the epoch. */
    readonly now: () => number;
    readonly logger: Logger;
}
/**
 * Removes what has expired, and ends the expiry of what was kept while the store was away. It sleeps until the next
 * write is due; what it costs grows with what is due, and not with what is stored.
 */
export declare class Sweeper {
    #private;
    constructor(options: SweeperOptions);
    /** Tells that a write is due at a time. */
    expect(due: number): void;
    /** Sees to everything that is due now, unless another process does. @returns how many objects were removed */
    sweep(): Promise<number>;
    close(): Promise<void>;
}
