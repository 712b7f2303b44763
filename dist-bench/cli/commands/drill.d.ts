import type { Context } from '../context.js';
/** The options of `holdfast drill`. */
export interface DrillCommandOptions {
    readonly seconds: number;
    readonly rate: number;
    readonly scenario?: readonly string[];
    readonly seed?: number;
    readonly timeout: number;
}
/** Rehearses outages of the configured object store, and tells what came of them. */
export declare function drill(context: Context, options: DrillCommandOptions): Promise<number>;
