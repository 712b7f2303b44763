import { StorageError } from '../../core/errors.js';
import type { PidSpace } from './process-id.js';
export interface LeaseOptions {
    /** Milliseconds between two rewritings of the lease; 1000 unless given. */
    readonly beatMs?: number | undefined;
    /** Milliseconds that another's lease must stand still before it is taken over; 3000 unless given. */
    readonly staleMs?: number | undefined;
    /** Called once, when another PID space has taken the folder over. */
    readonly onLost?: ((error: StorageError) => void) | undefined;
}
/**
 * The right of one PID space (one boot of one machine, one container) to a storage folder. A plain file, looked
 * at before the ledger is opened: two spaces on one LMDB block each other for seconds or corrupt its reader
 * table. The processes of one space share it, and each rewrites it every second; what another space left is
 * taken over once it has stood still.
 */
export declare class Lease {
    #private;
    private constructor();
    /**
     * Takes the lease, waiting as long as another's must be watched.
     *
     * @throws StorageError `CONFIG_INVALID` if another PID space is using the folder
     */
    static acquire(path: string, space: PidSpace, options?: LeaseOptions): Promise<Lease>;
    /**
     * Throws if the folder was taken over. Cheap, but after a pause (a stopped process, a blocked event loop) in
     * which another may have come.
     *
     * @throws StorageError `UNAVAILABLE`
     */
    check(): void;
    /** Stops rewriting it. The file goes too if nobody else of this space needs it, so that the next need not wait. */
    release(last: boolean): Promise<void>;
}
