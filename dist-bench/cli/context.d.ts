import { type StorageConfig } from '../config.js';
import type { Logger } from '../core/logger.js';
import type { StorageService } from '../service.js';
import type { Output } from './output.js';
import { type FlagValues, type Setting } from './settings.js';
/** What a command is run with. */
export interface ContextOptions {
    readonly output: Output;
    readonly flags: FlagValues;
    /** A file of variables to read in the place of `./.env`. */
    readonly envFile: string | undefined;
}
/** What every command works with: its settings, its output, the store, and the signal to end. */
export declare class Context {
    #private;
    readonly output: Output;
    constructor(options: ContextOptions);
    /** Fires, with `ABORTED`, when the person or the system wants the command to end. */
    get signal(): AbortSignal;
    /** Every variable and where its value comes from. @throws `CONFIG_INVALID` if the file of variables cannot be read */
    settings(): readonly Setting[];
    /**
     * @throws `CONFIG_INVALID` that names every wrong setting; `INVALID_ARGUMENT` for a flag that says where object
     *   storage is while that is off, since whoever gives it does not mean local files
     */
    config(): StorageConfig;
    /** Variables that look like Holdfast's and are none: a misspelling has no other effect. */
    unknownVariables(): string[];
    /**
     * The storage. It is closed when the command ends.
     *
     * @param options `create`: a storage folder that is not there yet is made. `logger`: told what the storage
     *   reports; unless given, warnings go to stderr.
     * @throws `CONFIG_INVALID` "no store at ..." if there is none and none is to be made
     */
    storage(options?: {
        create?: boolean;
        logger?: Logger;
    }): Promise<StorageService>;
    /** Closes what the command opened. */
    close(): Promise<void>;
}
