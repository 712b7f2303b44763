import { type Tags } from '../core/attributes.js';
import type { Key } from '../core/key.js';
import type { Source } from '../core/source.js';
import type { DeleteOptions, ObjectStat, PutOptions, Store } from '../core/store.js';
import { type Context } from './context.js';
import { type JournalRow, type Tombstone, type UnknownAttempts } from './journal.js';
/** Puts and deletes that are acknowledged here, by a row of the journal. */
export declare class Journaling {
    #private;
    /** @param elsewhere takes what turns out to be the primary's to decide after all */
    constructor(context: Context, elsewhere: Pick<Store, 'put' | 'delete'>);
    /** Acknowledges a put by a durable file and a row. */
    put(key: Key, source: Source, options: PutOptions, unknown: UnknownAttempts | undefined): Promise<ObjectStat>;
    /** Acknowledges a delete by a row. @returns false only where it is known that there was no object */
    delete(key: Key, options: DeleteOptions, unknown: UnknownAttempts | undefined): Promise<boolean>;
    /**
     * Gives the acknowledged bytes of a busy key other tags. They stay the write that they are.
     *
     * @returns false if the key is not busy
     * @throws `NOT_FOUND`
     */
    retag(key: Key, tags: Tags): Promise<boolean>;
    /** A delete of now, which comes after what the row holds. */
    tombstone(row: JournalRow | undefined): Tombstone;
}
