/** Compares two stamps: negative when `a` is the older. */
export function compareStamps(a, b) {
    if (a.time !== b.time)
        return a.time - b.time;
    if (a.host === b.host)
        return a.sequence - b.sequence;
    return a.host < b.host ? -1 : 1;
}
/** The stamp as text, `<time>.<sequence>.<host>` in base 36: what object metadata carries. */
export function formatStamp(stamp) {
    return `${stamp.time.toString(36)}.${stamp.sequence.toString(36)}.${stamp.host}`;
}
/** Reads what {@link formatStamp} wrote; undefined for anything else. */
export function parseStamp(text) {
    const match = text?.match(/^([0-9a-z]{1,10})\.([0-9a-z]{1,10})\.([0-9a-z]{1,16})$/);
    if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined)
        return undefined;
    const stamp = {
        time: Number.parseInt(match[1], 36),
        sequence: Number.parseInt(match[2], 36),
        host: match[3],
    };
    return Number.isSafeInteger(stamp.time) && Number.isSafeInteger(stamp.sequence) ? stamp : undefined;
}
/** Enough that a busy host waits for a reservation every few seconds, and few enough to last for ever. */
const RESERVED_SEQUENCES = 65_536;
const RESERVED_MS = 10_000;
/** How long after a reservation that failed the next is tried, by those who can do without. */
const RETRY_MS = 1000;
/** Gives out stamps that only ever grow, whatever the machine's clock does. */
export class StampClock {
    host;
    #last;
    #reserved;
    #reserve;
    #now;
    #failedAt = Number.NEGATIVE_INFINITY;
    constructor(options) {
        this.host = options.host;
        this.#last = options.floor ?? { time: 0, sequence: 0 };
        this.#reserved = this.#last;
        this.#reserve = options.reserve;
        this.#now = options.now ?? Date.now;
    }
    /** The highest stamp given out so far. */
    get mark() {
        return this.#last;
    }
    /**
     * The next stamp: above every one given out before, and above `seen` if one is given (the stamp that the
     * key already carries). Where none can be reserved, for a disk that is full or failing, it is given out without:
     * a write to an object store that works depends on no local disk.
     */
    next(seen) {
        try {
            return this.#next(seen, Math.abs(this.#now() - this.#failedAt) >= RETRY_MS);
        }
        catch {
            this.#failedAt = this.#now();
            return this.#next(seen, false);
        }
    }
    /**
     * The next stamp with a sequence that no other clock of this host ever gives out.
     *
     * @throws what the reservation throws
     */
    nextReserved() {
        return this.#next(undefined, true);
    }
    #next(seen, reserves) {
        const seenTime = seen === undefined ? 0 : seen.time + (seen.host === this.host ? 0 : 1);
        const time = Math.max(this.#now(), this.#last.time, seenTime);
        let sequence = Math.max(this.#last.sequence, seen?.host === this.host ? seen.sequence : 0) + 1;
        const isOut = time > this.#reserved.time || sequence > this.#reserved.sequence;
        if (this.#reserve !== undefined && isOut && reserves) {
            const from = { time, sequence: sequence - 1 };
            const to = { time: time + RESERVED_MS, sequence: from.sequence + RESERVED_SEQUENCES };
            const floor = this.#reserve(from, to);
            this.#reserved = { time: to.time, sequence: floor + RESERVED_SEQUENCES };
            sequence = floor + 1;
        }
        this.#last = { time, sequence };
        return { time, sequence, host: this.host };
    }
}
//# sourceMappingURL=stamp.js.map