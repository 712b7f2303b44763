import type { Random } from './conformance-random.js';
/** Keys that must round-trip, to be put behind `prefix`: one of each oddity, alone and in company. */
export declare function oddNames(prefix: string): string[];
/** Different valid names of random segments, odd ones among them. */
export declare function randomNames(random: Random, count: number, prefix: string): string[];
