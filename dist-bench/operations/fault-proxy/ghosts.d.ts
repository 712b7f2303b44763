/** Requests that their senders have given up, and that are delivered later all the same. */
export declare class Ghosts {
    #private;
    /** @param maxBytes of the bodies that are held at once */
    constructor(maxBytes: number);
    get size(): number;
    /** Bytes that may still be held. */
    get room(): number;
    /** Holds a request of `bytes` for `delayMs`, then calls `deliver`. */
    hold(bytes: number, delayMs: number, deliver: () => void): void;
    /** Delivers all of them now, the oldest first. */
    releaseAll(): void;
    /** Forgets all of them. */
    drop(): void;
}
