import type { Encoding } from '../core/compression.js';
import type { Key } from '../core/key.js';
import type { GetOptions, OpenObject, Store } from '../core/store.js';
/** An opened object; its body are the stored, compressed bytes where `encoding` is present, else the content's. */
export interface Opened {
    readonly object: OpenObject;
    readonly encoding?: Encoding;
}
/**
 * Opens an object so that its content is read, whether it is stored compressed or not.
 *
 * Whether it is is known when the store has answered: a range was then one of other bytes, and is asked for again. Who
 * reads what is not compressed pays nothing for that.
 *
 * @param accepted encodings that the caller undoes itself, where no range is asked for
 */
export declare function openContent(store: Pick<Store, 'get' | 'head'>, key: Key, options: GetOptions, accepted?: readonly Encoding[]): Promise<Opened>;
