/** Makes a sequence of its own for a seed, of which the lower 32 bits count. */
export function seededRandom(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
}
/** A seed that was not used before. */
export function newSeed() {
    return Math.floor(Math.random() * 4_294_967_296);
}
/** A number from `min` up to `max`. */
export function between(random, min, max) {
    return min + random() * (max - min);
}
//# sourceMappingURL=random.js.map