import type { Neighbour } from '../operations/neighbours.js';
import type { StorageMetrics, StorageStatus } from '../storage.js';
import type { Output } from './output.js';
/** All that the status tells: of this process, and of the others that use the storage folder. */
export type FullStatus = StorageStatus & Partial<Omit<StorageMetrics, 'provider' | 'bucket'>> & {
    readonly processes?: readonly Neighbour[];
};
/** The status as people read it: how it stands and what to do first, then where and how much. */
export declare function statusText(found: FullStatus, paint: Output['paint'], now?: number): string;
