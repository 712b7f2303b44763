import type { Source } from './source.js';
/**
 * The source, each read of which ends with the signal's error as soon as the signal fires: content that stalls
 * holds up no abort. A signal that fired before lets no byte be read.
 */
export declare function endedBy(signal: AbortSignal | undefined, source: Source, op: string, key?: string): Source;
/** What the promise settles with, or the signal's error if that fires first. */
export declare function orAborted<T>(promise: Promise<T>, signal: AbortSignal, op: string, key: string | undefined): Promise<T>;
