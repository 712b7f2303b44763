import { type StorageConfig } from '../../config.js';
import type { Storage, StorageStatus } from '../../storage.js';
import { type DrillReport } from './report.js';
import { type Scratch } from './scratch.js';
import { type WorkloadFigures } from './workload.js';
export interface DrillOptions {
    readonly config: StorageConfig;
    /** How long each outage lasts; longer where the object store is silent, which is noticed only by a deadline. 15 unless given. */
    readonly seconds?: number | undefined;
    /** Operations a second; 20 unless given. */
    readonly rate?: number | undefined;
    /** Names of scenarios, in order; the usual ones unless given. */
    readonly scenarios?: readonly string[] | undefined;
    /** Decides everything that is left to chance; a new one unless given. */
    readonly seed?: number | undefined;
    /** How long convergence is waited for. 300 unless given. */
    readonly convergeSeconds?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((progress: DrillProgress) => void) | undefined;
    /** Of tests: the storage that is rehearsed with, and the oracle's program. */
    readonly internals?: DrillInternals | undefined;
}
/** How far a drill is. */
export interface DrillProgress extends Readonly<WorkloadFigures> {
    readonly scenario: string;
    readonly phase: 'working' | 'outage' | 'returning' | 'converging' | 'settling' | 'comparing' | 'cleaning';
    /** Of all the scenarios, counted from 1. */
    readonly number: number;
    readonly of: number;
    readonly pending: number;
}
/** A storage that a drill can rehearse with. */
export interface Rehearsed extends Storage {
    getStatus(): StorageStatus;
    close(): Promise<unknown>;
}
export interface DrillInternals {
    readonly oracle?: URL | undefined;
    readonly open?: ((config: StorageConfig, scratch: Scratch) => Promise<Rehearsed> | Rehearsed) | undefined;
}
export declare const DEFAULT_SECONDS = 15;
export declare const DEFAULT_RATE = 20;
export declare const DEFAULT_CONVERGE_SECONDS = 300;
/**
 * Rehearses outages of the object store that the configuration names: under a prefix of its own, with a storage
 * folder of its own, through a proxy that fails. People are at work all the while; an oracle in another process
 * keeps the record of what was acknowledged, and compares the bucket with it after each outage. Everything that
 * was written is removed.
 *
 * @throws StorageError `CONFIG_INVALID` where no object storage is configured, `INVALID_ARGUMENT` for a scenario
 *   that does not exist, `ABORTED`, and what a store that cannot be used answers: `UNAVAILABLE`, `TIMEOUT`,
 *   `UNAUTHENTICATED`, `NO_SUCH_BUCKET`, `PERMISSION_DENIED`
 */
export declare function runDrill(options: DrillOptions): Promise<DrillReport>;
