/** What happened a second, over the last minute: counts of operations and bytes, in memory that never grows. */
export declare class Rate {
    #private;
    /** @param now milliseconds of `performance.now()` */
    add(bytes: number, now: number): void;
    /**
     * Averages over the last minute, or since it began where that is less.
     *
     * @param now milliseconds of `performance.now()`
     */
    perSecond(now: number): {
        operations: number;
        bytes: number;
    };
}
