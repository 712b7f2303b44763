import { type Tags } from '../core/attributes.js';
import type { Key } from '../core/key.js';
import type { ObjectStat, OperationOptions, Store } from '../core/store.js';
import type { ThawFileOptions } from '../storage.js';
/** The tags of an object. @throws StorageError `NOT_FOUND`, `UNSUPPORTED` */
export declare function tagsOf(store: Store, key: Key, options: OperationOptions): Promise<Tags>;
/** Gives an object other tags. @throws StorageError `NOT_FOUND`, `UNSUPPORTED` */
export declare function setTagsOf(store: Store, key: Key, tags: Tags, options: OperationOptions): Promise<void>;
/**
 * Brings an object to another storage class, by a copy onto itself that is made only if the object is still the one that
 * was looked at: so what somebody uploads meanwhile stays.
 *
 * @param ifMatch only if it has this ETag
 * @returns what it is then
 * @throws StorageError `NOT_FOUND`, `PRECONDITION_FAILED`, `ARCHIVED`, `UNSUPPORTED`
 */
export declare function changeStorageClass(store: Store, key: Key, storageClass: string, ifMatch: string | undefined, signal: AbortSignal | undefined): Promise<ObjectStat>;
/**
 * Asks for an archived object back. A store without archives has nothing to restore.
 *
 * @returns what it is then
 * @throws StorageError `NOT_FOUND`, `INVALID_ARGUMENT`, `UNSUPPORTED`
 */
export declare function thawObject(store: Store, key: Key, { days, tier }: ThawFileOptions, signal: AbortSignal | undefined): Promise<ObjectStat>;
