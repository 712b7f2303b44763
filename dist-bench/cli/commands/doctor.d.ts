import type { Context } from '../context.js';
/** Examines the configured storage, and says point by point what is right and how to mend what is not. */
export declare function doctor(context: Context): Promise<number>;
