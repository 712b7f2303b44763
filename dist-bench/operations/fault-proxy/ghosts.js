/** Requests that their senders have given up, and that are delivered later all the same. */
export class Ghosts {
    #held = new Set();
    #maxBytes;
    #bytes = 0;
    /** @param maxBytes of the bodies that are held at once */
    constructor(maxBytes) {
        this.#maxBytes = maxBytes;
    }
    get size() {
        return this.#held.size;
    }
    /** Bytes that may still be held. */
    get room() {
        return this.#maxBytes - this.#bytes;
    }
    /** Holds a request of `bytes` for `delayMs`, then calls `deliver`. */
    hold(bytes, delayMs, deliver) {
        const ghost = { bytes, deliver, timer: setTimeout(() => this.#release(ghost), delayMs) };
        this.#held.add(ghost);
        this.#bytes += bytes;
    }
    /** Delivers all of them now, the oldest first. */
    releaseAll() {
        for (const ghost of this.#held)
            this.#release(ghost);
    }
    /** Forgets all of them. */
    drop() {
        for (const { timer } of this.#held)
            clearTimeout(timer);
        this.#held.clear();
        this.#bytes = 0;
    }
    #release(ghost) {
        if (!this.#held.delete(ghost))
            return;
        clearTimeout(ghost.timer);
        this.#bytes -= ghost.bytes;
        ghost.deliver();
    }
}
//# sourceMappingURL=ghosts.js.map