import type { Key } from '../core/key.js';
import type { Attempts } from './attempt.js';
import { type Context } from './context.js';
import { Ownership, type OwnershipOptions } from './ownership.js';
export interface ReplicatorOptions extends OwnershipOptions {
    readonly host: string;
    /** Requests to the primary at once. */
    readonly concurrency: number;
    /** Milliseconds between two looks for what other processes have journaled, or left behind. */
    readonly tickMs: number;
    /** The first wait after a failure is a random time up to this; each further one up to twice the last. */
    readonly backoffMs: number;
    /** Called with every look. */
    readonly onTick?: (() => void) | undefined;
    readonly random?: (() => number) | undefined;
}
/** Brings the journal's entries to the primary, in the background, and settles what is in doubt. */
export declare class Replicator {
    #private;
    readonly ownership: Ownership;
    constructor(context: Context, attempts: Attempts, options: ReplicatorOptions);
    /** Begins to work in the background. */
    start(): void;
    /** A key has work. */
    wake(key: Key): void;
    /** Everything may have work: the primary answers again, or a person wants another try. */
    wakeAll(): void;
    /** Does what is due now. @returns when nothing is left that could be done */
    work(): Promise<void>;
    /** Ends the work, giving requests under way up to `graceMs`. */
    stop(graceMs: number): Promise<void>;
}
