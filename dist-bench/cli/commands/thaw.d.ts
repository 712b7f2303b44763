import type { ThawTier } from '../../storage.js';
import type { Context } from '../context.js';
/** The options of `holdfast thaw`. */
export interface ThawOptions {
    readonly recursive?: true;
    readonly days: number;
    readonly tier?: ThawTier;
    readonly wait?: true;
    /** Seconds; of `wait`. */
    readonly timeout?: number;
    readonly status?: true;
    readonly concurrency: number;
}
/** Asks for archived files, and tells how they stand. */
export declare function thaw(context: Context, names: readonly string[], options: ThawOptions): Promise<number>;
