import type { Context } from '../context.js';
/** The options of `holdfast status`. */
export interface StatusOptions {
    readonly watch?: true;
}
/** Tells whether the store works, where it is, what is in it, what waits for it, and what is wrong with it. */
export declare function status(context: Context, options: StatusOptions): Promise<number>;
