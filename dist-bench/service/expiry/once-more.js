/** Content that knows whether it can be read once more from its start. */
export class OnceMore {
    #source;
    #released = false;
    constructor(source) {
        this.#source = source;
    }
    /** Whether nothing of it has been given up. */
    get readable() {
        return !this.#released || this.#source.replayable === true;
    }
    get size() {
        return this.#source.size;
    }
    get replayable() {
        return this.#source.replayable === true;
    }
    read(offset, length) {
        return this.#source.read(offset, length);
    }
    release(offset) {
        if (offset > 0)
            this.#released = true;
        this.#source.release(offset);
    }
    /** The source stays its owner's to close. */
    async close() { }
}
//# sourceMappingURL=once-more.js.map