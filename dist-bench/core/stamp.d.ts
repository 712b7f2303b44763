/**
 * The order of a write among all writes of a bucket: hybrid time first, then this host's own count, then the
 * host. Against a host's own writes its ledger's order decides, never the stamp.
 */
export interface Stamp {
    /** Milliseconds since the epoch, never below one already used or seen. */
    readonly time: number;
    /** Counts every write of the host, for ever. */
    readonly sequence: number;
    /** Identifies the host: lower-case letters and digits. */
    readonly host: string;
}
/** A moment of a {@link StampClock}: no stamp at or below it is given out again. */
export type StampMark = Pick<Stamp, 'time' | 'sequence'>;
/** Compares two stamps: negative when `a` is the older. */
export declare function compareStamps(a: Stamp, b: Stamp): number;
/** The stamp as text, `<time>.<sequence>.<host>` in base 36: what object metadata carries. */
export declare function formatStamp(stamp: Stamp): string;
/** Reads what {@link formatStamp} wrote; undefined for anything else. */
export declare function parseStamp(text: string | undefined): Stamp | undefined;
/** What a {@link StampClock} needs. */
export interface StampClockOptions {
    readonly host: string;
    /** The high-water mark left by an earlier run; every new stamp is above it. */
    readonly floor?: StampMark;
    /**
     * Makes durable, before the first of them is given out, that every stamp up to `to` may be; so a clock that
     * steps back, or a crash, never repeats one. Returns the sequence above which `to.sequence - from.sequence`
     * many now belong to this clock alone: `from.sequence`, or a higher one where other processes of the host
     * have reserved sequences too.
     */
    readonly reserve?: (from: StampMark, to: StampMark) => number;
    /** Milliseconds since the epoch; `Date.now` unless a test gives another. */
    readonly now?: () => number;
}
/** Gives out stamps that only ever grow, whatever the machine's clock does. */
export declare class StampClock {
    #private;
    readonly host: string;
    constructor(options: StampClockOptions);
    /** The highest stamp given out so far. */
    get mark(): StampMark;
    /**
     * The next stamp: above every one given out before, and above `seen` if one is given (the stamp that the
     * key already carries). Where none can be reserved, for a disk that is full or failing, it is given out without:
     * a write to an object store that works depends on no local disk.
     */
    next(seen?: Stamp): Stamp;
    /**
     * The next stamp with a sequence that no other clock of this host ever gives out.
     *
     * @throws what the reservation throws
     */
    nextReserved(): Stamp;
}
