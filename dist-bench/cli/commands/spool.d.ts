import type { Context } from '../context.js';
/** What can be done with the spool. */
export type SpoolAction = 'ls' | 'retry' | 'conflicts' | 'resolve' | 'drain';
/** The options of `holdfast spool`. */
export interface SpoolOptions {
    /** Seconds; of `drain`. */
    readonly timeout?: number;
    /** Of `resolve`. */
    readonly keep?: 'current' | 'kept';
}
/** Shows what waits for the object store, and helps it along. */
export declare function spool(context: Context, action: SpoolAction, names: readonly string[], options: SpoolOptions): Promise<number>;
