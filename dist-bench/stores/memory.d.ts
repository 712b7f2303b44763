import { type Tags } from '../core/attributes.js';
import { type Key } from '../core/key.js';
import type { Source } from '../core/source.js';
import type { Capabilities, CopyOptions, DeleteManyResult, DeleteOptions, GetOptions, ListOptions, ObjectStat, OpenObject, OperationOptions, PutOptions, Store, StorePage } from '../core/store.js';
/**
 * Objects in this process's memory: the store contract in its simplest form, for tests and as the measure of
 * the other stores. Nothing outlives the process. An ETag is the write id.
 */
export declare class MemoryStore implements Store {
    #private;
    readonly kind = "memory";
    readonly capabilities: Capabilities;
    put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat>;
    get(key: Key, options?: GetOptions): Promise<OpenObject>;
    head(key: Key, options?: OperationOptions): Promise<ObjectStat>;
    delete(key: Key, options?: DeleteOptions): Promise<boolean>;
    deleteMany(keys: readonly Key[], options?: OperationOptions): Promise<DeleteManyResult>;
    copy(from: Key, to: Key, options?: CopyOptions): Promise<ObjectStat>;
    getTags(key: Key, options?: OperationOptions): Promise<Tags>;
    setTags(key: Key, tags: Tags, options?: OperationOptions): Promise<void>;
    list(options?: ListOptions): Promise<StorePage>;
    close(): Promise<void>;
}
