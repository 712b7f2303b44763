import type { Tags } from '../core/attributes.js';
import type { Key } from '../core/key.js';
import type { Source } from '../core/source.js';
import type { DeleteOptions, ObjectStat, OperationOptions, PutOptions } from '../core/store.js';
import { Attempts } from './attempt.js';
import { type Context } from './context.js';
/** Puts and deletes: at the primary while it answers and the key is quiet, else in the journal. */
export declare class Writer {
    #private;
    readonly attempts: Attempts;
    constructor(context: Context, enter: () => Promise<void> | undefined);
    /** @see Store.put */
    put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat>;
    /** @see Store.delete */
    delete(key: Key, options?: DeleteOptions): Promise<boolean>;
    /** @see Store.setTags */
    setTags(key: Key, tags: Tags, options?: OperationOptions): Promise<void>;
    /** @see isGuarded */
    isGuarded(key: Key, isDirect?: boolean): boolean;
}
