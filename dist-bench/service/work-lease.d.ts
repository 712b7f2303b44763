import type { Tables } from './memory-tables.js';
export interface WorkLeaseOptions {
    /** Names the work. */
    readonly name: string;
    readonly tables: Tables;
    /** Names this process, or who in it does the work. */
    readonly holder: string;
    /** Whether the process that an earlier holder was in is known to have ended. */
    readonly isDead: (holder: string) => boolean;
}
/**
 * Background work that one process of a folder does at a time. It is held only while there is something to do, so that
 * who idles commits nothing. Two at once, as after a process stood still, are no more than work done twice: each step
 * of it must be safe against that.
 */
export declare class WorkLease {
    #private;
    constructor(options: WorkLeaseOptions);
    /** Takes the work up, or goes on with it. @returns false while another process has it */
    hold(): Promise<boolean>;
    /** Leaves the work to whoever wants it next. */
    release(): Promise<void>;
}
