import type { Key } from '../../core/key.js';
import type { Logger } from '../../core/logger.js';
import type { Source } from '../../core/source.js';
import type { Capabilities, DeleteOptions, GetOptions, ListOptions, ObjectStat, OpenObject, OperationOptions, PutOptions, Store, StorePage } from '../../core/store.js';
import type { DueIndex } from './due-index.js';
import { type Fates } from './fates.js';
export interface ExpiringStoreOptions {
    /** Holds the objects, and what they carry; knows nothing of expiries. */
    readonly store: Store;
    readonly index: DueIndex;
    readonly fates: Fates;
    /** Milliseconds since the epoch. */
    readonly now: () => number;
    readonly logger: Logger;
    /** Told of when a write is due. */
    readonly expect: (due: number) => void;
    /** Whether what the index holds outlives this process; else nothing can be stored with an expiry. */
    readonly isDurable: boolean;
}
/**
 * A store in which an object with an expiry is gone when that has passed: for reads, listings and conditions at once,
 * its bytes soon after. Objects without one, and those who read and write them, pay nothing for that.
 */
export declare class ExpiringStore implements Store {
    #private;
    readonly kind: Store['kind'];
    readonly copy?: NonNullable<Store['copy']>;
    readonly presign?: NonNullable<Store['presign']>;
    readonly deleteMany?: NonNullable<Store['deleteMany']>;
    readonly getTags?: NonNullable<Store['getTags']>;
    readonly setTags?: NonNullable<Store['setTags']>;
    readonly thaw?: NonNullable<Store['thaw']>;
    constructor(options: ExpiringStoreOptions);
    get capabilities(): Capabilities;
    put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat>;
    get(key: Key, options?: GetOptions): Promise<OpenObject>;
    head(key: Key, options?: OperationOptions): Promise<ObjectStat>;
    delete(key: Key, options?: DeleteOptions): Promise<boolean>;
    list(options?: ListOptions): Promise<StorePage>;
    close(): Promise<void>;
    /** Settles when nothing is noted in the background any more. */
    settled(): Promise<void>;
    /** Whether the expiry that an object of this ETag carries does not count any more. */
    isKept(key: Key, etag: string): boolean;
}
