import type { Key } from '../core/key.js';
import { type Context } from './context.js';
import type { UnknownAttempts } from './journal.js';
/** How a mutation at the primary ended. */
export type Ended<T> = {
    readonly how: 'done';
    readonly value: T;
}
/**
 * It failed. `told`: what its caller is to be told, if nothing else helps. `unknown`: it may have happened, or may
 * yet. `away`: because the primary does not work.
 */
 | {
    readonly how: 'failed';
    readonly error: unknown;
    readonly told: unknown;
    readonly unknown: boolean;
    readonly away: boolean;
};
export interface AttemptOptions {
    readonly op: string;
    readonly key: Key;
    /** All keys that it mutates, where they are several. */
    readonly keys?: readonly Key[] | undefined;
    /** The caller's. What it ends may have been applied. */
    readonly signal: AbortSignal | undefined;
    /** The write that it makes; none for a delete. */
    readonly writeId?: string | undefined;
    /** Whether the primary may have been given all that it takes to apply the mutation. */
    readonly mayBeApplied: () => boolean;
}
/** Mutations at the primary that are on their way: counted, watched for silence, followed to their end. */
export declare class Attempts {
    #private;
    constructor(context: Context);
    /** Mutations that have not ended, whether or not somebody waits for them. */
    get running(): number;
    /** Whether a mutation of the key that nobody waits for may still be on its way from this process. */
    isAbandoned(key: Key): boolean;
    /** Resolves when those that nobody waits for have ended. */
    followed(): Promise<void>;
    /**
     * Runs a mutation of the primary, and leaves it alone when the primary says nothing for too long: it then
     * counts as failed with an unknown outcome, and is followed to its end.
     *
     * @param start begins it, given what starts the clock of the first answer
     */
    run<T>(options: AttemptOptions, start: (startClock: () => void) => Promise<T>): Promise<Ended<T>>;
    /** What is noted of an attempt in doubt: it was signed at this moment at the latest. */
    unknown(options: AttemptOptions): UnknownAttempts;
}
