/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
    #state;
    constructor(seed) {
        this.#state = seed >>> 0;
    }
    /** A whole number from 0 up to and without `limit`. */
    below(limit) {
        this.#state = (this.#state + 0x6d2b79f5) >>> 0;
        let t = this.#state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
    }
    pick(choices) {
        if (choices.length === 0)
            throw new RangeError('There is nothing to pick from.');
        return choices[this.below(choices.length)];
    }
    /** The items in another order. */
    shuffled(items) {
        const shuffled = [...items];
        for (let i = shuffled.length - 1; i > 0; i--) {
            const j = this.below(i + 1);
            const item = shuffled[i];
            shuffled[i] = shuffled[j];
            shuffled[j] = item;
        }
        return shuffled;
    }
}
//# sourceMappingURL=conformance-random.js.map