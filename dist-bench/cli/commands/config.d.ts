import type { Context } from '../context.js';
/** Shows every variable with its value and where that comes from; secrets are not shown. */
export declare function config(context: Context): Promise<number>;
