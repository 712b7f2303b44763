import { type Tags } from '../core/attributes.js';
import type { Key } from '../core/key.js';
import { type Source } from '../core/source.js';
import type { Capabilities, CopyOptions, DeleteManyResult, DeleteOptions, GetOptions, ListOptions, ObjectStat, OpenObject, OperationOptions, PresignOptions, PutOptions, Store, StorePage, ThawOptions } from '../core/store.js';
import { type Context } from './context.js';
import { Writer } from './writer.js';
export interface FailoverParts {
    readonly context: Context;
    /** Registers this process before its first mutation at the primary. */
    readonly enter: () => Promise<void> | undefined;
    /** Signs URLs of our own, for what the bucket cannot serve now. */
    readonly presignHere?: ((key: Key, options: PresignOptions) => Promise<string>) | undefined;
    /** Whether they are signed for what the bucket could serve too: only a URL of ours outlives an outage. */
    readonly presignsAllHere?: boolean | undefined;
    /** Ends what belongs to it, the primary included. */
    readonly close: () => Promise<void>;
}
/**
 * A primary object store, and the local disk where it fails. A key is quiet (everything goes to the primary),
 * busy (the journal holds an acknowledged state that the primary has not been seen to hold, or that a late
 * attempt could undo: it is read and written here), or wary (an attempt in doubt is noted: it is read at the
 * primary, and written here).
 */
export declare class FailoverStore implements Store {
    #private;
    readonly kind: Store['kind'];
    readonly writer: Writer;
    constructor(parts: FailoverParts);
    get capabilities(): Capabilities;
    put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat>;
    get(key: Key, options?: GetOptions): Promise<OpenObject>;
    head(key: Key, options?: OperationOptions): Promise<ObjectStat>;
    delete(key: Key, options?: DeleteOptions): Promise<boolean>;
    list(options?: ListOptions): Promise<StorePage>;
    /** Copies at the primary where both keys are quiet; else by reading the source and putting it. */
    copy(from: Key, to: Key, options?: CopyOptions): Promise<ObjectStat>;
    /** Removes many: in one request where the keys are quiet, each as {@link delete} does where they are not. */
    deleteMany(keys: readonly Key[], options?: OperationOptions): Promise<DeleteManyResult>;
    getTags(key: Key, options?: OperationOptions): Promise<Tags>;
    setTags(key: Key, tags: Tags, options?: OperationOptions): Promise<void>;
    thaw(key: Key, options: ThawOptions): Promise<ObjectStat>;
    /**
     * A URL of ours, where they are signed for everything; else the primary's own while it is healthy and the key
     * quiet. `direct` asks for the primary's own in any case.
     */
    presign(key: Key, options: PresignOptions): Promise<string>;
    /**
     * What the primary holds under a quiet key, as it says just now: whoever is told of it can read it there.
     * Undefined where the object is to be read here, as what the read cache keeps is, which is filled by that; or where
     * it is not there to be read.
     */
    look(key: Key, options?: OperationOptions): Promise<ObjectStat | undefined>;
    /** The primary's own URL of an object that {@link look} has just told of; undefined if it is to be read here by now. */
    presignQuiet(key: Key, options: PresignOptions): Promise<string | undefined>;
    close(): Promise<void>;
}
