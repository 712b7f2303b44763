import type { StorageActivity, StorageStatus } from '../storage.js';
import type { Traffic } from './traffic.js';
/** What metrics are read off; what a storage cannot tell is undefined. */
export interface Readings {
    readonly status: StorageStatus | undefined;
    readonly activity: StorageActivity | undefined;
    readonly traffic: Traffic | undefined;
    /** Milliseconds since the epoch. */
    readonly now: number;
}
/** One line of a metric. */
export interface Sample {
    readonly value: number;
    readonly labels?: Readonly<Record<string, string | number>>;
    /** Of a histogram: which of its lines. */
    readonly suffix?: '_bucket' | '_sum' | '_count';
}
/** A metric: what it is called, what it says, and where that is read off. */
export interface Metric {
    readonly name: string;
    readonly type: 'gauge' | 'counter' | 'histogram';
    readonly help: string;
    readonly labels: readonly string[];
    read(from: Readings): Sample[];
}
/**
 * Every metric of Holdfast's own, by the conventions of Prometheus: base units, their names at the end, `_total` for
 * what only grows. No label ever holds a key, a prefix, or anything else that clients choose.
 */
export declare const METRICS: readonly Metric[];
