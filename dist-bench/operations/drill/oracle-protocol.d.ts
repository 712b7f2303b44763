import type { BucketAddress } from './bucket.js';
import type { Difference, DrillEvent, Finding } from './events.js';
/** What the drill asks of its oracle; each is answered, in order, but for what happened. */
export type OracleRequest = {
    readonly type: 'happened';
    readonly event: DrillEvent;
} | {
    readonly type: 'open';
    readonly number: number;
    readonly options: OracleOptions;
} | {
    readonly type: 'compare';
    readonly number: number;
    readonly prefix: string;
} | {
    readonly type: 'clean';
    readonly number: number;
    readonly keys: readonly string[];
};
/** The oracle's answer to a request of that number. */
export type OracleAnswer = {
    readonly number: number;
    readonly result: unknown;
} | {
    readonly number: number;
    readonly error: string;
};
export interface OracleOptions {
    readonly bucket: BucketAddress;
    /** All that is below it belongs to the drill, and is removed in the end. */
    readonly prefix: string;
    /** Folder of the drill; the record is kept in it. It is removed if the drill ends without a word. */
    readonly folder: string;
}
/** What a comparison of the bucket with the record came to, since the one before. */
export interface Comparison {
    /** Objects that the bucket holds, all of them read. */
    readonly objects: number;
    readonly acknowledged: number;
    /** Puts and deletes that were not acknowledged, by error code. */
    readonly refused: Readonly<Record<string, number>>;
    /** Reads that told nothing, by error code. */
    readonly unread: Readonly<Record<string, number>>;
    /** Keys, by what was wrong with them. */
    readonly differences: Readonly<Record<Difference, number>>;
    /** The first of the differences. */
    readonly findings: readonly Finding[];
}
