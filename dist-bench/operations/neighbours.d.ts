import type { StorageConfig } from '../config.js';
import type { ErrorCode } from '../core/errors.js';
/** Why another process does not reach the object store, and since when. */
export interface NeighbourAway {
    readonly since: Date;
    readonly code: ErrorCode;
    readonly message: string;
}
/** Another process that uses the storage folder, such as a server, and that has something to tell. */
export interface Neighbour {
    readonly pid: number;
    /** Absent while the object store takes its reads, or writes. */
    readonly reads?: NeighbourAway;
    readonly writes?: NeighbourAway;
    /** How fast it brings what waits to the object store. */
    readonly operationsPerSecond: number;
    readonly bytesPerSecond: number;
}
/**
 * The other processes of a storage folder, as they said last: each knows alone whether it reaches the object store.
 * They tell within some seconds of a change; who says nothing is well.
 */
export declare class Neighbours {
    #private;
    private constructor();
    /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
    static open(config: StorageConfig): Promise<Neighbours>;
    /** Those that live and have something to tell. */
    all(): Neighbour[];
    close(): Promise<void>;
}
