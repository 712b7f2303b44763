import type { StorageError } from '../core/errors.js';
import type { Key } from '../core/key.js';
import { type Logger } from '../core/logger.js';
import type { SpillFile } from '../core/spill-file.js';
import type { StampClock } from '../core/stamp.js';
import type { PresignOptions } from '../core/store.js';
import type { Context, FailoverSettings, Legacy } from './context.js';
import type { FailoverListener } from './events.js';
import { FailoverStore } from './failover-store.js';
import type { Journal } from './journal.js';
import type { Primary } from './primary.js';
import type { ReadCache } from './read-cache.js';
import { Replicator } from './replicator.js';
import type { SpoolBytes } from './spool-bytes.js';
import { type TotalsOptions } from './totals.js';
type Optional<T> = {
    readonly [K in keyof T]?: T[K] | undefined;
};
export interface FailoverOptions extends Optional<FailoverSettings>, Optional<Omit<TotalsOptions, 'makeRoom'>> {
    readonly primary: Primary;
    readonly journal: Journal;
    readonly bytes: SpoolBytes;
    readonly clock: StampClock;
    readonly openSpill: () => Promise<SpillFile>;
    readonly legacy?: Legacy | undefined;
    readonly cache?: ReadCache | undefined;
    readonly relieve?: (() => Promise<boolean>) | undefined;
    /** Notes durably that the primary may hold what is acknowledged here; called before the first mutation. */
    readonly attach?: (() => Promise<void>) | undefined;
    /** Names this opening of the folder, among all that ever were. */
    readonly processId: string;
    readonly isDead: (processId: string) => boolean;
    readonly presignHere?: ((key: Key, options: PresignOptions) => Promise<string>) | undefined;
    /** Whether every URL is signed there, not only those of what the primary cannot serve now; false unless given. */
    readonly presignsAllHere?: boolean | undefined;
    readonly logger?: Logger | undefined;
    /** Milliseconds between two probes of a primary that is away; 2000 unless given. */
    readonly probeIntervalMs?: number | undefined;
    /** Entries replicated at once; 32 unless given. */
    readonly concurrency?: number | undefined;
    readonly backoffMs?: number | undefined;
    readonly tickMs?: number | undefined;
    readonly beatMs?: number | undefined;
    readonly staleMs?: number | undefined;
    /** Whether the primary counts as away until it was asked. */
    readonly startsAway?: StorageError | undefined;
    /** Whether the replication runs by itself; a test that runs it by hand says no. */
    readonly background?: boolean | undefined;
    /** Told when the primary goes away or comes back, or holds everything. */
    readonly onChange?: (() => void) | undefined;
    /** Called every {@link tickMs}, from the replication's own timer. */
    readonly onTick?: (() => void) | undefined;
    readonly listener?: FailoverListener | undefined;
}
/** SigV4 lets a request in for 15 minutes after its signing; a minute on top for clocks that differ. */
export declare const DEFAULT_SETTLE_WINDOW_MS: number;
/** Failover as a whole: the store, and what its owner looks at. */
export interface Failover {
    readonly store: FailoverStore;
    readonly context: Context;
    readonly replicator: Replicator;
}
/** Puts the parts together. Nothing is asked of the primary before the first operation. */
export declare function openFailover(options: FailoverOptions): Promise<Failover>;
export {};
