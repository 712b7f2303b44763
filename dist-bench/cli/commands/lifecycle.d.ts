import type { Context } from '../context.js';
/** What can be done with the rules. */
export type LifecycleActionName = 'show' | 'diff' | 'apply' | 'simulate' | 'run';
/** The options of `holdfast lifecycle`, beside the flag that sets a variable. */
export interface LifecycleOptions {
    /** Milliseconds since the epoch; of `simulate`. */
    readonly at?: number;
    readonly totals?: true;
    readonly yes?: true;
    readonly dryRun?: true;
}
/** Shows, compares, applies and tries out the rules by which files age. */
export declare function lifecycle(context: Context, action: LifecycleActionName, options: LifecycleOptions): Promise<number>;
