import type { Key } from '../core/key.js';
import type { Source } from '../core/source.js';
import type { ObjectStat, PutOptions, Store } from '../core/store.js';
import { type Context } from './context.js';
import type { Journaling } from './journaling.js';
/**
 * Puts to a busy key what only the primary may acknowledge. What was acknowledged there before goes first: until
 * the primary holds it nothing is written. Where a late attempt could still undo that, the put goes through the
 * journal as well, so that it is done again, and is acknowledged when the primary has been seen to hold it.
 *
 * @param freely how to put once the key is busy no more
 * @throws StorageError `UNAVAILABLE` while the primary is away, and if it does not hold the content within the
 *   time of a first answer; then the put may still happen only if it had been journaled
 */
export declare function putDurably(context: Context, freely: Pick<Store, 'put'>, journaling: Journaling, key: Key, source: Source, options: PutOptions): Promise<ObjectStat>;
