import type { Stamp } from '../../core/stamp.js';
import { DiskSpool } from '../../failover/disk-spool.js';
import { LedgerJournal } from '../../failover/ledger-journal.js';
import { type FileIdentity } from '../../stores/local/files.js';
import type { Root } from '../../stores/local/root.js';
import type { Reporter } from './reporter.js';
/** Rows and files that are judged together. */
export declare const TOGETHER = 256;
export interface CheckOptions {
    /** Whether bytes are read and compared with their SHA-256. */
    readonly hash: boolean;
    readonly repair: boolean;
    readonly signal: AbortSignal | undefined;
    /** How long a file that nothing names is left to whoever may be about to remove it, beside other processes. */
    readonly graceMs: number;
}
/** Something found wrong with one thing, and what would mend it. */
export interface Problem extends About {
    readonly mend?: (() => Promise<boolean>) | undefined;
}
type About = Parameters<Reporter['found']>[0];
/** What the parts of a check share. */
export declare class Check {
    #private;
    readonly root: Root;
    readonly journal: LedgerJournal;
    readonly bytes: DiskSpool;
    readonly options: CheckOptions;
    readonly reporter: Reporter;
    constructor(root: Root, reporter: Reporter, options: CheckOptions);
    throwIfAborted(): void;
    /** Beside other processes, gives them the time to end what they are doing. */
    pause(ms: number): Promise<void>;
    report({ mend, ...about }: Problem): Promise<void>;
    /** A stamp of this host above everything that its processes may have given out, or nothing. */
    judgeStamp(key: string, stamp: Stamp | undefined): Problem | undefined;
    /**
     * The SHA-256 of a file that is and stays the one with this identity.
     *
     * @returns undefined if it does not
     */
    hashOf(path: string, identity: FileIdentity): Promise<string | undefined>;
}
export {};
