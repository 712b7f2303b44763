const SECONDS = 60;
/** What happened a second, over the last minute: counts of operations and bytes, in memory that never grows. */
export class Rate {
    #operations = new Float64Array(SECONDS);
    #bytes = new Float64Array(SECONDS);
    /** The second that the newest slot is of. */
    #newest = Number.NEGATIVE_INFINITY;
    /** The second in which it began, after a minute of nothing. */
    #began = 0;
    /** @param now milliseconds of `performance.now()` */
    add(bytes, now) {
        const second = Math.floor(now / 1000);
        if (second - this.#newest >= SECONDS)
            this.#began = second;
        this.#advance(second);
        const slot = second % SECONDS;
        this.#operations[slot] = (this.#operations[slot] ?? 0) + 1;
        this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
    }
    /**
     * Averages over the last minute, or since it began where that is less.
     *
     * @param now milliseconds of `performance.now()`
     */
    perSecond(now) {
        const second = Math.floor(now / 1000);
        if (second - this.#newest >= SECONDS)
            return { operations: 0, bytes: 0 };
        this.#advance(second);
        const over = Math.min(SECONDS, Math.max(1, now / 1000 - this.#began));
        return { operations: sum(this.#operations) / over, bytes: sum(this.#bytes) / over };
    }
    /** Clears the slots of the seconds that have passed since the newest. */
    #advance(second) {
        const passed = Math.min(SECONDS, second - this.#newest);
        for (let i = 0; i < passed; i++) {
            this.#operations[(second - i) % SECONDS] = 0;
            this.#bytes[(second - i) % SECONDS] = 0;
        }
        this.#newest = Math.max(this.#newest, second);
    }
}
function sum(values) {
    let total = 0;
    for (const value of values)
        total += value;
    return total;
}
//# sourceMappingURL=rate.js.map