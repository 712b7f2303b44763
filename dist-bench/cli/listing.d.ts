import { StorageError } from '../core/errors.js';
import type { ListedFile, Storage } from '../storage.js';
/**
 * Every file whose key begins with `prefix`, for a command that acts on all of them.
 *
 * @throws StorageError `UNAVAILABLE` if the listing cannot be complete, since the store is away
 */
export declare function everyFile(storage: Storage, prefix: string, signal: AbortSignal): AsyncGenerator<ListedFile, void, void>;
/** The error where there is no file below a prefix. */
export declare function nothingBelow(prefix: string): StorageError;
