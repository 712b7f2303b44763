import { type Context } from './context.js';
/** Brings back what was set aside for the bucket that is the primary now, before anybody reads or writes. */
export declare function bringBack(context: Context): Promise<void>;
