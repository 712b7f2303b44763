import { StorageError } from '../core/errors.js';
import type { Trouble } from './primary.js';
export interface BreakerOptions {
    /** Asks the primary something small; resolves if it works. */
    readonly probe: () => Promise<void>;
    /** Milliseconds; each wait between two probes is this, and up to half as much again. */
    readonly intervalMs: number;
    /** Told when it opens (with the error that opened it) and when it closes. */
    readonly onChange: (open: boolean, error: StorageError | undefined) => void;
    /** Told when a probe has failed in another way than what was known. */
    readonly onCause?: ((error: StorageError) => void) | undefined;
    readonly random?: (() => number) | undefined;
}
/**
 * Remembers whether the primary works. While open, nobody is sent there but a probe of its own, in the
 * background, one an interval: no caller's operation is ever the probe, or waits for it.
 */
export declare class Breaker {
    #private;
    constructor(options: BreakerOptions);
    get open(): boolean;
    /** What opened it, or what the last probe found. */
    get error(): StorageError | undefined;
    /** When it opened, while it is open: milliseconds since the epoch. */
    get openSince(): number;
    /** When it is asked again: milliseconds since the epoch; undefined while a probe is on its way. */
    get nextProbeAt(): number | undefined;
    /** An operation that the primary answered. */
    succeeded(): void;
    /** An operation that it did not answer, or refuses to everybody. */
    failed(error: StorageError, trouble: Trouble): void;
    /** Opens at once. */
    trip(error: StorageError): void;
    /** Probes now, unless a probe is on its way. @returns when it has ended */
    probe(): Promise<void>;
    /** Ends the probing. */
    close(): void;
}
