/** Numbers that look random and are the same for the same seed (mulberry32). */
export declare class Random {
    #private;
    constructor(seed: number);
    /** A whole number from 0 up to and without `limit`. */
    below(limit: number): number;
    pick<T>(choices: readonly T[]): T;
    /** The items in another order. */
    shuffled<T>(items: Iterable<T>): T[];
}
