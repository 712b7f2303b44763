import type { StorageConfig } from '../config.js';
import type { Storage, UploadResult } from '../storage.js';
/** An entry of the spool as people see it. */
export interface SpoolEntry {
    readonly key: string;
    /** `doubt`: nothing is kept, but a request whose outcome nobody knows may still land. */
    readonly kind: 'put' | 'delete' | 'doubt';
    /**
     * `pending`: to be brought to the object store. `settling`: it is there, and kept until no late request can
     * undo it. `parked`: refused or damaged; it waits for a person, and is tried hourly.
     */
    readonly state: 'pending' | 'settling' | 'parked';
    /** Bytes; of a put. */
    readonly size?: number;
    /** When it was acknowledged. */
    readonly at?: Date;
    /** The endpoint and bucket that it is for. */
    readonly target: string;
    /** Why it is parked. */
    readonly problem?: {
        readonly code: string;
        readonly message: string;
    };
    /** The file in which the bytes lie; absent for small ones, which lie in the ledger. */
    readonly path?: string;
}
/** A file of which two versions exist. */
export interface SpoolConflict {
    readonly id: string;
    readonly key: string;
    readonly at: Date;
    /** Whose version lost and is kept here: this host's own, or that of somebody else. */
    readonly loser: 'ours' | 'theirs';
    readonly size: number;
    readonly path: string;
}
/** What the storage folder keeps for the object store. Safe beside processes that use the folder. */
export declare class Spool {
    #private;
    private constructor();
    /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
    static open(config: StorageConfig): Promise<Spool>;
    /** Every entry, in the order of the keys. */
    entries(): Generator<SpoolEntry>;
    /**
     * Has parked entries tried again: these, or all. The process that replicates takes them up within half a minute.
     *
     * @returns the keys of the entries that were parked
     * @throws StorageError `NOT_FOUND` for a key that has no parked entry
     */
    retry(keys: readonly string[]): Promise<string[]>;
    conflicts(): SpoolConflict[];
    /**
     * Ends a conflict: the version that is in the object store stays, or the kept one is stored anew over it. The kept
     * bytes are removed.
     *
     * @returns the upload's result where the kept version was stored
     * @throws StorageError `NOT_FOUND` for an id that there is not, and what `uploadFile` throws: then the conflict stays
     */
    resolve(id: string, keep: 'current' | 'kept', storage: Storage): Promise<UploadResult | undefined>;
    close(): Promise<void>;
}
