import { StorageError } from '../../core/errors.js';
import type { ListedObject, Store } from '../../core/store.js';
import { type LifecycleRule } from './rules.js';
/** A file that a rule lets go. */
export interface DueFile extends ListedObject {
    /** The id of the rule: the first in the file that does. */
    readonly rule: string;
}
/** What became of files, by the rule. */
export interface RuleTally {
    readonly files: number;
    readonly bytes: number;
}
/** What one look through the local files came to. */
export interface LocalOutcome {
    readonly rules: Readonly<Record<string, RuleTally>>;
    readonly files: number;
    readonly bytes: number;
    /** Files that could not be removed; they are tried again with the next look. */
    readonly failed: number;
}
export interface DueOptions {
    /** The moment that it is taken to be: milliseconds since the epoch. */
    readonly at: number;
    readonly signal?: AbortSignal | undefined;
}
export interface ExpireOptions extends DueOptions {
    /** Whether half of the time is left to others: what nobody waits for. */
    readonly gentle?: boolean | undefined;
    /** Called after every page. @throws to end it */
    readonly onPage?: (() => Promise<void>) | undefined;
    /** Told of each file that was removed. */
    readonly onRemoved?: ((file: DueFile) => void | Promise<void>) | undefined;
    /** Told of each file that could not be removed. */
    readonly onFailed?: ((file: DueFile, error: StorageError) => void) | undefined;
}
/**
 * The files that the rules let go, page by page, in the order of their keys. Only `expire` has a meaning here: a folder has no
 * storage classes, keeps no old versions, and what is left of uploads that were cut off goes by itself.
 *
 * @throws StorageError `UNAVAILABLE` as soon as a listing is not complete
 */
export declare function dueFiles(store: Store, rules: readonly LifecycleRule[], { at, signal }: DueOptions): AsyncGenerator<DueFile[], void, void>;
/**
 * Removes the files that the rules let go; each only as it was listed, so a file that was stored anew meanwhile stays.
 *
 * @throws StorageError as {@link dueFiles}
 */
export declare function expireFiles(store: Store, rules: readonly LifecycleRule[], options: ExpireOptions): Promise<LocalOutcome>;
