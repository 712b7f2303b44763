/** Numbers from 0 up to 1 that a seed decides (mulberry32): the same seed gives the same ones, in the same order. */
export type Random = () => number

/** Makes a sequence of its own for a seed, of which the lower 32 bits count. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A seed that was not used before. */
export function newSeed(): number {
  return Math.floor(Math.random() * 4_294_967_296)
}

/** A number from `min` up to `max`. */
export function between(random: Random, min: number, max: number): number {
  return min + random() * (max - min)
}
