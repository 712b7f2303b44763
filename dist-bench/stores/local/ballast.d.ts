/**
 * Disk space held in reserve, so that there is some to give up when the disk is full: the ledger copies what it
 * changes, and needs pages even to record a removal.
 */
export declare class Ballast {
    #private;
    /**
     * @param draft where it is written first: in this process's staging folder, which is swept if it is killed
     * @param bytes size of the reserve; 0 for none
     */
    constructor(path: string, draft: string, bytes: number);
    /** Whether the whole reserve is there. */
    get present(): boolean;
    /**
     * Lays the reserve down, if at least as much again is free.
     *
     * @returns whether it is there now
     */
    build(): Promise<boolean>;
    /** Gives the space up. @returns whether there was any */
    release(): Promise<boolean>;
    /** Settles when nothing is being laid down. */
    idle(): Promise<void>;
}
