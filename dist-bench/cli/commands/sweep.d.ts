import type { Context } from '../context.js';
/** Removes what has expired. */
export declare function sweep(context: Context): Promise<number>;
