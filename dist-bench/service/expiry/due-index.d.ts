import type { Key } from '../../core/key.js';
import type { ObjectStat } from '../../core/store.js';
import type { Tables } from '../memory-tables.js';
/** What is known here of a write that expires. */
export interface ExpiringWrite {
    readonly key: Key;
    readonly writeId: string;
    /** When it is to be seen to: milliseconds since the epoch. */
    readonly due: number;
    /** `kept`: it does not expire any more. `taken`: its removal has begun, and nobody keeps it any more. */
    readonly fate?: 'kept' | 'taken' | undefined;
    /** What its upload was answered with; absent until it was, and where the store can always be asked. */
    readonly stat?: ObjectStat | undefined;
    /** Tries to see to it that came to nothing. */
    readonly failures?: number | undefined;
}
/** {@link ExpiringWrite} with the name of this version of it. */
export interface KnownWrite extends ExpiringWrite {
    readonly revision: number;
}
/**
 * The writes of a folder that expire: by time, for who sees to what is due; and by key. Both are changed by one commit.
 * An entry may outlive its object, or come before it, and is no proof of one.
 */
export declare class DueIndex {
    #private;
    constructor(tables: Tables);
    /** Whether there is nothing at all, as of up to a second ago; what this process has added counts at once. */
    get isEmpty(): boolean;
    get(key: Key, writeId: string): KnownWrite | undefined;
    /** All writes of a key. */
    ofKey(key: Key): KnownWrite[];
    /** All writes of the keys from one to another, both included, in the order of the keys. */
    between(first: string, last: string): KnownWrite[];
    /** Writes that are due by a time, the earliest first. */
    due(time: number, limit: number): KnownWrite[];
    /** When the earliest is due; undefined if there is none. */
    next(): number | undefined;
    /** Adds a write, durably. @returns undefined if it is there already */
    add(write: ExpiringWrite): Promise<KnownWrite | undefined>;
    /**
     * Changes what is known of a write, durably; undefined forgets it.
     *
     * @returns what is known now; undefined if somebody else has changed it since it was seen, or if it was forgotten
     */
    change(seen: KnownWrite, next: Omit<ExpiringWrite, 'key' | 'writeId'>): Promise<KnownWrite | undefined>;
    /** Forgets a write, unless it has been changed since it was seen. */
    forget(seen: KnownWrite): Promise<void>;
}
