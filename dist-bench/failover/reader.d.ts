import type { Tags } from '../core/attributes.js';
import { StorageError } from '../core/errors.js';
import type { Key } from '../core/key.js';
import type { GetOptions, ObjectStat, OpenObject, OperationOptions } from '../core/store.js';
import { type Context } from './context.js';
/** Reads: a busy key here, any other at the primary, and what was here before the primary where that has none. */
export declare class Reader {
    #private;
    constructor(context: Context);
    /** @see Store.get */
    get(key: Key, options?: GetOptions): Promise<OpenObject>;
    /** @see Store.head */
    head(key: Key, options?: OperationOptions): Promise<ObjectStat>;
    /** @see Store.getTags */
    tags(key: Key, options?: OperationOptions): Promise<Tags>;
    /** Takes note of what the primary holds under a quiet key, as it has just said. */
    saw(key: Key, object: ObjectStat | undefined): Promise<void>;
}
export declare function notFound(op: string, key: Key): StorageError;
/** The stat is copied: the body still checks what it reads against the primary's own ETag. */
export declare function seenObject(object: OpenObject): OpenObject;
