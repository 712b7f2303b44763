import type { Logger } from '../../core/logger.js';
import type { Store } from '../../core/store.js';
import type { Problem } from '../../storage.js';
import type { Tables } from '../memory-tables.js';
import type { WorkLease } from '../work-lease.js';
import { type DueFile, type ExpireOptions, type LocalOutcome } from './local-files.js';
import type { LifecycleRule } from './rules.js';
import { type LifecycleRun } from './run-log.js';
export interface LocalLifecycleOptions {
    /** The files that the rules act on. */
    readonly store: Store;
    readonly tables: Tables;
    /** Held during a look: one process of a folder looks at a time. */
    readonly lease: WorkLease;
    /** The file of rules, read anew for every look; undefined: nothing goes by itself. */
    readonly rulesPath: string | undefined;
    readonly intervalHours: number;
    readonly logger: Logger;
    /** Milliseconds since the epoch. */
    readonly now: () => number;
}
/** What a look by hand is told. */
export type RunOptions = Pick<ExpireOptions, 'signal' | 'onRemoved' | 'onFailed'>;
/**
 * Removes the local files that the rules let go: at the rules' own midnights, by one process of the folder, slowly enough to
 * be in nobody's way.
 */
export declare class LocalLifecycle {
    #private;
    constructor(options: LocalLifecycleOptions);
    /** From now on the rules act by themselves, where there are any. */
    start(): void;
    /** What a person should know. */
    problems(): readonly Problem[];
    /** The last look, whichever process did it. */
    last(): LifecycleRun | undefined;
    /** The rules in force. @throws StorageError `CONFIG_INVALID` as {@link readRules}, and where there is no file of them */
    rules(): Promise<LifecycleRule[]>;
    /** The files that rules let go at a moment, page by page. Touches nothing. @throws as {@link rules}, `UNAVAILABLE` */
    due(at: number, signal?: AbortSignal): AsyncGenerator<DueFile[], void, void>;
    /** Looks through the files now. @throws as {@link rules}, `UNAVAILABLE`, `PRECONDITION_FAILED` if another process is at it */
    run(options?: RunOptions): Promise<LocalOutcome>;
    /** Looks through the files if that is due. Never rejects: what is wrong is logged, and told as a problem. */
    look(): Promise<void>;
    /** Ends what goes on. */
    close(): Promise<void>;
}
