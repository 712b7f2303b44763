import type { FaultPhase, FaultRule } from '../fault-proxy/faults.js';
/** An outage that is rehearsed. */
export interface Scenario {
    readonly name: string;
    /** What the object store does, in a few words. */
    readonly summary: string;
    /** What befalls requests all the while, or phases that follow one another. */
    readonly weather: {
        readonly rules: readonly FaultRule[];
    } | {
        readonly phases: readonly FaultPhase[];
    };
    /** Whether requests land late, so that the bucket is right only once it has been settled. */
    readonly ghosts?: true;
    /** Whether nothing is noticed before a deadline has passed, so that the outage must be longer. */
    readonly silent?: true;
}
/** A request that is held back lands between these. Milliseconds. */
export declare const GHOST_MS: {
    min: number;
    max: number;
};
/** Every scenario by its name. */
export declare const SCENARIOS: ReadonlyMap<string, Scenario>;
/** What is rehearsed unless scenarios are named. */
export declare const USUAL_SCENARIOS: readonly string[];
