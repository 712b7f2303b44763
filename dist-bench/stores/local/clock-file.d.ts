import type { StampMark } from '../../core/stamp.js';
/**
 * The stamps that the processes of a folder have reserved, as files named for the sequence they reach: one
 * process can create a name, so no two ever hold the same sequences. Not in the ledger, since stamps must be
 * given out for writes to the object store even after the ledger's disk has failed, and at once, without
 * waiting in the middle of a write.
 */
export declare class ClockFile {
    #private;
    constructor(folder: string, process: string, isDead: (process: string) => boolean);
    /** The mark above which every stamp of a process that starts now lies. */
    floor(): StampMark;
    /** What a {@link StampClock} calls. @throws the system's error if it cannot be made durable */
    reserve(from: StampMark, to: StampMark): number;
    /** Notes at a clean end how far the reserved time was really used. */
    release(used: StampMark): void;
}
