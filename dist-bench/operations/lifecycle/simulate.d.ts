import { type StorageConfig } from '../../config.js';
import type { RulesInForce } from './bucket-rules.js';
import { type DueItem } from './due-versions.js';
export interface SimulateOptions {
    /** The moment that it is taken to be: milliseconds since the epoch. */
    readonly at: number;
    readonly signal?: AbortSignal | undefined;
}
/**
 * What rules would do to the configured bucket at a moment, as the bucket itself has it: what waits here to be brought there
 * is not in it. Objects, their old versions and delete markers come in the order of their keys, then unfinished uploads.
 * Touches nothing, and needs the memory of a page, however many objects there are.
 *
 * @throws StorageError as the bucket answers: `UNAVAILABLE`, `PERMISSION_DENIED` and so on. What came until then is no whole.
 */
export declare function simulateBucket(config: StorageConfig, { rules, transitionMinimum }: Pick<RulesInForce, 'rules' | 'transitionMinimum'>, { at, signal }: SimulateOptions): AsyncGenerator<DueItem, void, void>;
