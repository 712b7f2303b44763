import type { Key } from '../core/key.js';
import type { GetOptions, ObjectStat, OpenObject } from '../core/store.js';
import { type Context } from './context.js';
import { type ReadCache } from './read-cache.js';
/**
 * Reads of quiet keys with the help of copies: while the primary answers it is asked by a HEAD whether it still has
 * the copied object, which saves the transfer of all but small ones; while it is away the copy stands in. Other keys are not read here.
 */
export declare class CachedReader {
    #private;
    constructor(context: Context, cache: ReadCache);
    /**
     * @param ask gets the object from the primary
     * @returns the object with the primary's own ETag
     * @throws what the primary answers
     */
    get(key: Key, options: GetOptions, ask: () => Promise<OpenObject>): Promise<OpenObject>;
    /** The copy of a quiet key, where the primary is away. @returns undefined if there is none */
    getWhileAway(key: Key, options: GetOptions): Promise<OpenObject | undefined>;
    /** What the copy of a quiet key tells, where the primary is away. */
    headWhileAway(key: Key): Promise<ObjectStat | undefined>;
    /** Takes note of what the primary holds: a copy of anything else is of no use. */
    saw(key: Key, stat: ObjectStat): Promise<void>;
}
