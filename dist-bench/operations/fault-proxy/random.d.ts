/** Numbers from 0 up to 1 that a seed decides (mulberry32): the same seed gives the same ones, in the same order. */
export type Random = () => number;
/** Makes a sequence of its own for a seed, of which the lower 32 bits count. */
export declare function seededRandom(seed: number): Random;
/** A seed that was not used before. */
export declare function newSeed(): number;
/** A number from `min` up to `max`. */
export declare function between(random: Random, min: number, max: number): number;
