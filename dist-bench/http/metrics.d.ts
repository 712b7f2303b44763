import type { HttpStorage } from './options.js';
import type { Traffic } from './traffic.js';
/** Metrics in the text format of Prometheus. */
export interface Metrics {
    /** The media type of {@link text}. */
    readonly contentType: string;
    /** All of them, as they are now. Asks the storage's memory, and nothing else. */
    text(): Promise<string>;
}
export interface MetricsOptions {
    /** Whether those of the process (CPU, memory, event loop) are among them; false unless given. */
    readonly process?: boolean | undefined;
}
/**
 * The metrics of a storage, for an application that serves them itself: at a path of its own, or behind the text of
 * its own registry, with which no name collides. A server of ours serves them at `/metrics` already.
 */
export declare function createMetrics(storage: HttpStorage, options?: MetricsOptions): Metrics;
/** @param traffic what a server of ours has counted */
export declare function metricsOf(storage: HttpStorage, traffic: Traffic | undefined, withProcess: boolean): Metrics;
