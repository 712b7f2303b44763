import type { DrillEvent } from './events.js';
import type { Comparison, OracleOptions } from './oracle-protocol.js';
/** The compiled program of the oracle. */
export declare const ORACLE_PROGRAM: import("url").URL;
/** The drill's side of its oracle. */
export declare class Oracle {
    #private;
    private constructor();
    /** Starts an oracle in a process of its own. */
    static start(options: OracleOptions, program?: import("url").URL): Promise<Oracle>;
    /** Tells it what happened. */
    tell(event: DrillEvent): void;
    /** Has it compare the bucket with its record, byte for byte, and begin a new one. */
    compare(prefix: string): Promise<Comparison>;
    /** Has it remove all that the drill wrote to the bucket: below its prefix, and these keys. */
    clean(keys: readonly string[]): Promise<void>;
    /** Ends it. What was not cleaned, it still cleans. */
    close(): Promise<void>;
}
