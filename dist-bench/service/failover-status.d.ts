import type { Failover } from '../failover/open.js';
import type { FailoverActivity, Problem } from '../storage.js';
import type { FailoverStatus } from './backend.js';
import type { DiskWatch } from './disk-watch.js';
/** What failover has to tell, from memory. */
export interface Telling {
    status(): FailoverStatus;
    problems(): readonly Problem[];
    activity(): FailoverActivity;
    /** From now on what holds at this moment is told: the ledger is about to close. */
    keep(): void;
}
/** @param disk how full the disk is, where that is watched */
export declare function tellingOf(failover: Failover, disk?: DiskWatch): Telling;
