/** When a failed request is tried again. */
export interface RetryPolicy {
    /** Tries in all; 1 never repeats. */
    readonly attempts: number;
    /** The first wait is a random time up to this; each further one up to twice the last. Milliseconds. */
    readonly baseMs: number;
    /** No wait is longer, unless the server asks for it. */
    readonly maxMs: number;
    /** Repeats in hand. Each takes one; each success gives half a one back: a store that is down is not stormed. */
    readonly budget: number;
    /**
     * Whether a mutation is repeated though its try may have been applied, or may yet be. The try can then land after
     * the repetition, over what was written since; who must know of it says no, and is told of the unknown outcome.
     */
    readonly unknownMutations: boolean;
    /**
     * Whether a request that was not answered in time is repeated. Who has something else to turn to says no, and
     * waits for one deadline, not for one after the other.
     */
    readonly timeouts: boolean;
}
/** What is used where nothing else is configured. */
export declare const DEFAULT_RETRY: RetryPolicy;
/** Repeats requests by one policy and one budget. */
export declare class Retrier {
    #private;
    /** @param random from 0 up to 1, for a test to choose */
    constructor(policy: RetryPolicy, random?: () => number);
    /**
     * Runs `attempt` until it succeeds, fails for good, or no try, time or budget is left; then its last error
     * stands. Waits are full-jittered (a random time up to a doubling bound), or what the server asked for.
     *
     * @param attempt a try, given its number from 1 and the milliseconds that are left; it can be repeated whole
     * @param totalMs for all tries and waits together
     * @param mutates whether it changes what others see, so that a late try could undo something
     */
    run<T>(attempt: (number: number, leftMs: number) => Promise<T>, totalMs: number, signal?: AbortSignal, mutates?: boolean): Promise<T>;
}
