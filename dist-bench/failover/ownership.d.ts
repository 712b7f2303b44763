import { type Context } from './context.js';
export interface OwnershipOptions {
    readonly processId: string;
    /** Whether the process that an id names is known to have ended. */
    readonly isDead: (processId: string) => boolean;
    /** Registers this process, whose death from now on is a reason to doubt. */
    readonly enter: () => Promise<void> | undefined;
    /** Milliseconds between two signs of life. */
    readonly beatMs: number;
    /** Milliseconds without one after which a living owner is replaced. */
    readonly staleMs: number;
}
/**
 * One process of a folder replicates. Its epoch is in the ledger, and each of its commits is conditional on it:
 * who was replaced, or stopped and woken, changes nothing any more. What a replaced or dead process may still
 * have on its way is waited for.
 */
export declare class Ownership {
    #private;
    constructor(context: Context, options: OwnershipOptions);
    /** The epoch if this process is the owner, as far as it knows. */
    get epoch(): number | undefined;
    /** Becomes or stays the owner, if nobody else is. @returns the epoch */
    hold(): Promise<number | undefined>;
    /** Gives a sign of life. */
    beat(): Promise<void>;
    /** Another process is the owner now. */
    lost(): void;
    /** Whether the epoch has passed, asked of the journal. */
    check(): boolean;
    release(): Promise<void>;
    /** Looks for processes that died with a request on its way. */
    findDead(): Promise<void>;
}
