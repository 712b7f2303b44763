import type { Tags } from '../core/attributes.js';
import type { Key } from '../core/key.js';
import type { ObjectStat, OperationOptions, Store, ThawOptions } from '../core/store.js';
import { type Context } from './context.js';
import type { Journaling } from './journaling.js';
/**
 * Gives an object other tags: a busy key's in the journal, any other's at the primary. The bytes of a key that is not busy
 * are not here, so while the primary is away there is nothing to keep the tags with.
 *
 * @throws `NOT_FOUND`, `UNAVAILABLE` while the primary is away
 */
export declare function setTags(context: Context, journaling: Journaling, key: Key, tags: Tags, options?: OperationOptions): Promise<void>;
/**
 * Asks the primary for an archived object back. What lies here can be read as it is.
 *
 * @throws `NOT_FOUND`, `UNAVAILABLE` while the primary is away
 */
export declare function thaw(context: Context, key: Key, options: ThawOptions): Promise<ObjectStat>;
/** A method that not every store has. @throws `UNSUPPORTED` */
export declare function required<M extends 'getTags' | 'setTags' | 'thaw'>(store: Store, method: M): NonNullable<Store[M]>;
