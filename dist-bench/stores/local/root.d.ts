import { type StorageError } from '../../core/errors.js';
import { type Logger } from '../../core/logger.js';
import { StampClock, type StampMark } from '../../core/stamp.js';
import { Ballast } from './ballast.js';
import { Bytes } from './bytes.js';
import { Claims } from './claims.js';
import { ClockFile } from './clock-file.js';
import { type FileIdentity, type Files } from './files.js';
import { FreeSpace } from './free-space.js';
import { Lease, type LeaseOptions } from './lease.js';
import { Ledger, type UploadEntry } from './ledger.js';
import { Placer } from './placer.js';
import { type PidSpace } from './process-id.js';
export interface RootOptions {
    /** The storage folder. */
    readonly path: string;
    /** Where the ledger lies if not under `.holdfast` in the folder: on a local disk, where that is none. */
    readonly ledgerPath?: string | undefined;
    /** Whether to make a store where there is none. */
    readonly create: boolean;
    readonly logger?: Logger | undefined;
    /** Disk space held in reserve for removals on a full disk; 64 MiB unless given, 0 for none. */
    readonly ballastBytes?: number | undefined;
    readonly lease?: Pick<LeaseOptions, 'beatMs' | 'staleMs'> | undefined;
    /** What objects' bytes go through; the machine's filesystem unless a test gives another. */
    readonly files?: Files | undefined;
}
/** Something a person should know about the folder. */
export interface RootProblem {
    readonly code: string;
    readonly message: string;
}
/** The durable list of uploads in parts that were begun at an object store. */
export interface UploadLog {
    /** Notes durably that an upload was begun, before its first part is sent. */
    begin(entry: UploadEntry): Promise<void>;
    /** Forgets an upload that was completed or aborted. */
    end(uploadId: string): Promise<void>;
    /** Uploads whose process is known to have ended: to be aborted. */
    orphans(): UploadEntry[];
}
/** An opened storage folder. Made by {@link openRoot}; shared by all who open the same folder in one process. */
export declare class Root {
    #private;
    /** The folder's real path. */
    readonly path: string;
    /** Holdfast's own folder in it. */
    readonly ownPath: string;
    /** Where this process puts files that are not yet, or never, anything else. Swept when it is known to be dead. */
    readonly tmpPath: string;
    /** Names this opening of the folder. */
    readonly processId: string;
    readonly hostId: string;
    readonly clock: StampClock;
    readonly ledger: Ledger;
    readonly files: Files;
    readonly bytes: Bytes;
    readonly ballast: Ballast;
    readonly logger: Logger;
    readonly uploads: UploadLog;
    /** Does the file work of this process. */
    readonly placer: Placer;
    /** The folders that this process writes files into before rows name them. */
    readonly claims: Claims;
    /** Whether the filesystem takes names that differ in case or Unicode normal form for the same. */
    readonly foldsNames: boolean;
    /** @internal */
    constructor(parts: RootParts);
    /** What a person should know, newest last. */
    get problems(): readonly RootProblem[];
    /** `red` once the disk has failed under the ledger or under an object. */
    get health(): 'green' | 'red';
    /** A file's identity as rows hold it: device 0 stands for the folder's own, whose number may change with a boot. */
    identityOf({ dev, ino, size, mtimeMs }: FileIdentity): FileIdentity;
    /** Whether the process that an id names is known to have ended. */
    isDead(processId: string): boolean;
    /** The processes that have the folder open beside this opening of it, by their numbers; this one's for another opening in it. */
    others(): Promise<number[]>;
    /**
     * To be called right before a file is moved or removed that another could have come to own: cheap, and it notices
     * that this process stood still while another machine or container took the folder over.
     *
     * @throws StorageError `UNAVAILABLE`
     */
    checkHeld(): void;
    /**
     * 32 random bytes, generated once and kept for this folder, to sign with: shared by all its processes.
     *
     * @throws StorageError if they cannot be read or kept
     */
    signingKey(): Promise<Buffer>;
    /** Notes something that a person should know. The same code and message are noted once. */
    addProblem(code: string, message: string): void;
    /** Notes a failure of the disk itself. */
    diskFailed(error: unknown): void;
    /** How far the stamps go that processes of this folder may have given out. */
    stampMark(): StampMark;
    /** @internal Has the folder's last holder call this before the ledger closes. */
    beforeClose(run: () => Promise<void>): void;
    /** @internal */
    ledgerPoisoned(error: StorageError): void;
    /** @internal */
    leaseLost(error: StorageError): void;
    /** @internal One more holder, each of which closes it once; false if it is closed already. */
    hold(): boolean;
    /** Gives the folder up; the last holder's call ends everything that it holds open. */
    close(): Promise<void>;
}
interface RootParts {
    readonly path: string;
    readonly ownPath: string;
    readonly tmpPath: string;
    readonly processId: string;
    readonly hostId: string;
    readonly clock: StampClock;
    readonly clockFile: ClockFile;
    readonly ledger: Ledger;
    readonly files: Files;
    readonly ballast: Ballast;
    readonly logger: Logger;
    readonly foldsNames: boolean;
    readonly device: number;
    readonly pids: PidSpace;
    readonly space: FreeSpace;
    readonly lease: Lease;
    readonly forget: () => void;
}
/**
 * Opens a storage folder. Several processes of one machine (of one container) may hold it at once, and one
 * process several times: those share what they hold, and each closes it once.
 *
 * @throws StorageError `CONFIG_INVALID` if there is no store and none is to be made, if the folder is in use by
 *   another machine or container, if the ledger is missing or another folder's, or lies on a network filesystem;
 *   `PERMISSION_DENIED`, `NO_SPACE`, `UNAVAILABLE` as the disk answers
 */
export declare function openRoot(options: RootOptions): Promise<Root>;
export {};
