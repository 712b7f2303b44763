import { type StorageConfig } from '../config.js';
import type { Capabilities } from '../core/store.js';
import type { Skippable } from './conformance-runner.js';
/** How one check of the suite ended. */
export interface CheckOutcome {
    /** What it is about, such as `uploads`. */
    readonly group: string;
    readonly check: string;
    readonly outcome: 'passed' | 'failed' | 'skipped';
    /** Why it failed or was skipped. */
    readonly reason?: string;
}
/** What is told before the first check. */
export interface EndpointStart {
    readonly endpoint?: string;
    readonly bucket: string;
    /** Repeats the random choices of this run. */
    readonly seed: number;
    /** What the endpoint can do, tried out. */
    readonly capabilities: Pick<Capabilities, Skippable & keyof Capabilities>;
    readonly checks: number;
}
/** How an endpoint is tried. */
export interface TryEndpointOptions {
    readonly config: StorageConfig;
    /** What every key begins with; the suite's own folder unless given. */
    readonly keyPrefix?: string | undefined;
    readonly seed?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onStart?: ((start: EndpointStart) => void) | undefined;
}
/**
 * Runs the conformance suite of stores over the configured bucket: everything that Holdfast asks of an S3 server. Writes
 * below a prefix of its own, and cleans up behind itself.
 *
 * @returns outcomes as they come
 * @throws StorageError `CONFIG_INVALID` where no object storage is configured, what the endpoint answers to the first
 *   questions, `ABORTED`
 */
export declare function tryEndpoint(options: TryEndpointOptions): AsyncGenerator<CheckOutcome>;
