import { type StorageConfig } from '../config.js';
import type { Key } from '../core/key.js';
import type { Logger } from '../core/logger.js';
import type { ObjectStat, OperationOptions, Store } from '../core/store.js';
import type { Versions } from '../core/versions.js';
import type { FailoverListener } from '../failover/events.js';
import type { CacheStatus, FailoverActivity, FailoverReport, ImportReport, LocatedFile, Problem, SignedAccess } from '../storage.js';
import type { Root } from '../stores/local/root.js';
import type { LocalLifecycle } from './lifecycle/local-lifecycle.js';
/** A store with what the service needs to know beside the driver contract. */
export interface Backend {
    readonly provider: 's3' | 'minio' | 'local';
    readonly store: Store;
    /** The versions of objects; absent where none can be kept. */
    readonly versions?: Versions;
    /** The storage folder, with the ledger beside its objects; absent where there is none. */
    readonly root?: Root;
    /** Where files of no name may be made beside the objects; the system's folder for such files unless given. */
    readonly spillFolder?: string;
    /** The provider's own URL of an object; absent on local storage. */
    objectUrl?(key: Key): string;
    /** Proves that the store answers. @throws StorageError what is wrong with it */
    probe(signal: AbortSignal | undefined): Promise<void>;
    /** What the store itself has to tell, from memory. */
    problems(): readonly Problem[];
    /** Files and bytes in all, where they are known without counting. */
    metrics?(): Promise<{
        count: number;
        bytes: number;
    }>;
    /** What failover has to tell, from memory; absent where there is none. */
    failover?(): FailoverStatus;
    /** What failover has counted; absent where there is none. */
    activity?(): FailoverActivity;
    /** Makes an object that expires last. @throws StorageError `NOT_FOUND` */
    keep(key: Key, options: OperationOptions): Promise<ObjectStat>;
    /** Removes what has expired, now. @returns how many objects that was */
    sweepExpired(): Promise<number>;
    /** Calls back after each removal of an expired object. */
    onExpired(listener: (removed: ObjectStat) => void | Promise<void>): void;
    importFiles?(path: string | undefined, signal: AbortSignal | undefined): Promise<ImportReport>;
    /** Where a client can read an object by itself; undefined where it is to be served from here. */
    locate?(key: Key, signal: AbortSignal | undefined): Promise<LocatedFile | undefined>;
    verifySignedUrl?(method: string, pathAndQuery: string): Promise<SignedAccess | undefined>;
    /** The local files from before the bucket, where there is one. */
    readonly legacy?: Store;
    /** What lets local files go by rules; absent where there are none. Over a bucket those are the ones from before it. */
    readonly lifecycle?: LocalLifecycle;
    close(): Promise<void>;
}
/** How failover stands. */
export interface FailoverStatus {
    /** Whether the object store is away, for reads or for writes. */
    readonly away: boolean;
    /** Whether uploads go to the local disk now because of that. */
    readonly fallback: boolean;
    /** Acknowledged operations that the object store has not been seen to hold, and the bytes among them. */
    readonly pending: number;
    readonly pendingBytes: number;
    /** When the oldest of them was acknowledged. */
    readonly oldestPendingAt: Date | undefined;
    /** Keys whose bytes are only kept until no late request can undo them. */
    readonly settling: number;
    readonly parked: number;
    readonly conflicts: number;
    /** The rest, as users see it. */
    readonly report: FailoverReport;
    /** The read cache, where it is on. */
    readonly cache?: CacheStatus;
}
/** Who is told by a backend of what happens. */
export interface BackendListener extends FailoverListener {
    /** The state, or the problems, may be others. */
    changed(): void;
}
/** A store as it is opened, before what the service adds to every one. */
export type BareBackend = Omit<Backend, 'keep' | 'sweepExpired' | 'onExpired' | 'lifecycle'>;
export interface OpenOptions {
    readonly logger: Logger;
    /** Told of what happens. */
    readonly listener: BackendListener;
    /** Whether a storage folder that is not there yet may be made. */
    readonly create: boolean;
    /** What the time is, in milliseconds since the epoch. */
    readonly now: () => number;
}
/** Opens the store that the configuration names. Each kind's code is loaded only when it is used. */
export declare function openBackend(config: StorageConfig, options: OpenOptions): Promise<Backend>;
/** A store of the caller's own. */
export declare function givenBackend(store: Store, options: Pick<OpenOptions, 'logger' | 'now'>): Backend;
