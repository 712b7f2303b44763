import type { Difference, Finding } from './events.js';
/** What one rehearsed outage came to. */
export interface ScenarioReport {
    readonly scenario: string;
    readonly summary: string;
    /** Milliseconds. */
    readonly outageMs: number;
    readonly operations: number;
    /** Puts and deletes that the storage acknowledged; of these by the local disk. */
    readonly acknowledged: number;
    readonly acknowledgedLocally: number;
    /** Puts and deletes that it did not, by error code. */
    readonly failed: number;
    readonly failures: Readonly<Record<string, number>>;
    /** Reads that told nothing, by error code: of what only the object store holds, nothing else can be said. */
    readonly unread: Readonly<Record<string, number>>;
    /** Keys of which an acknowledged object was not there, and so on. */
    readonly lost: number;
    readonly resurrected: number;
    readonly shadowed: number;
    readonly partial: number;
    /** The longest that anybody waited for an answer, in milliseconds, and for what. */
    readonly longestStallMs: number;
    readonly longestStallOf: string;
    /** From the return of the object store until it held everything; null if it did not in the time given. */
    readonly convergeMs: number | null;
    /** Objects in the bucket that were compared byte for byte. */
    readonly compared: number;
    /** Requests that the object store was given late, or did without saying so. */
    readonly ghosts: number;
    readonly findings: readonly Finding[];
}
/** What a drill came to. */
export interface DrillReport {
    /** Whether nothing failed, nothing differs, and everything arrived. */
    readonly passed: boolean;
    readonly seed: number;
    readonly rate: number;
    readonly seconds: number;
    readonly provider: 's3' | 'minio';
    readonly bucket: string;
    readonly endpoint: string;
    /** What the drill's keys began with. */
    readonly prefix: string;
    readonly acknowledged: number;
    readonly failed: number;
    readonly lost: number;
    readonly resurrected: number;
    readonly shadowed: number;
    readonly partial: number;
    readonly longestStallMs: number;
    /** The longest of the scenarios; null if one did not converge. */
    readonly convergeMs: number | null;
    readonly scenarios: readonly ScenarioReport[];
    /** What was still to be told of cleaning up; undefined if all is clean. */
    readonly leftBehind?: string;
    /** Folder with the oracle's record and the log, kept where the drill did not pass. */
    readonly evidence?: string;
}
/** Whether one outage passed without a trace. */
export declare function isFlawless(report: ScenarioReport): boolean;
/** Keys that were not as acknowledged. */
export declare function differencesOf(report: Readonly<Record<Difference, number>>): number;
/** Adds the scenarios up. */
export declare function totalsOf(scenarios: readonly ScenarioReport[]): Pick<DrillReport, 'acknowledged' | 'failed' | 'longestStallMs' | 'convergeMs' | Difference>;
