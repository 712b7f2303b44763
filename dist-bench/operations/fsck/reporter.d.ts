import { type About, type Finding, type FsckSummary } from './findings.js';
/** How far a check is. */
export interface FsckProgress {
    readonly phase: 'ledger' | 'objects' | 'journal' | 'files' | 'rebuild';
    /** Things looked at in this phase, and how many there are, where that is known. */
    readonly done: number;
    readonly of?: number | undefined;
    /** Bytes read and compared so far, in all phases. */
    readonly bytes: number;
}
/** Told what is found, and how far the check is. */
export interface FsckListener {
    readonly onFinding: (finding: Finding) => Promise<void> | void;
    readonly onProgress?: ((progress: FsckProgress) => void) | undefined;
}
type Counts = {
    -readonly [K in keyof FsckSummary]: FsckSummary[K];
};
/** Passes on what is found, has it mended where that is wanted, and keeps count. */
export declare class Reporter {
    #private;
    readonly counts: Counts;
    constructor(listener: FsckListener, repairs: boolean);
    /**
     * Tells a finding, mended first where that is wanted.
     *
     * @param mend what would mend it, if anything does; resolves with whether it did
     */
    found(about: About, mend?: () => Promise<boolean>, wanted?: boolean): Promise<void>;
    begin(phase: FsckProgress['phase'], of?: number): void;
    /** So many more things were looked at. */
    step(count: number): void;
    /** So many more bytes were read. */
    read(bytes: number): void;
}
export {};
