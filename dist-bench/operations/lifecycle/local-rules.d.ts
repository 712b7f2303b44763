import type { StorageConfig } from '../../config.js';
import type { Logger } from '../../core/logger.js';
import type { LocalOutcome } from '../../service/lifecycle/local-files.js';
import type { RunOptions } from '../../service/lifecycle/local-lifecycle.js';
import type { LifecycleRule } from '../../service/lifecycle/rules.js';
import type { LifecycleRun } from '../../service/lifecycle/run-log.js';
import type { DueItem } from './due-versions.js';
/**
 * The rules for the files of the storage folder; over a bucket those are the files from before it. Safe beside processes
 * that use the folder.
 */
export declare class LocalRules {
    #private;
    private constructor();
    /**
     * @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it; `UNSUPPORTED` while object
     *   storage is switched off for a folder that is attached to a bucket, since the bucket may hold newer versions
     */
    static open(config: StorageConfig, logger: Logger): Promise<LocalRules>;
    /** @throws StorageError `CONFIG_INVALID` */
    rules(): Promise<LifecycleRule[]>;
    /** The last look through the files. */
    last(): LifecycleRun | undefined;
    /** What the rules would let go at a moment (milliseconds since the epoch). Touches nothing. */
    due(at: number, signal: AbortSignal): AsyncGenerator<DueItem, void, void>;
    /** Lets go what the rules let go now. @throws as {@link LocalLifecycle.run} */
    run(options: RunOptions): Promise<LocalOutcome>;
    close(): Promise<void>;
}
