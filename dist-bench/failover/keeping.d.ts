import type { Key } from '../core/key.js';
import type { Source } from '../core/source.js';
import type { ObjectStat, PutOptions } from '../core/store.js';
import { type Context } from './context.js';
import type { Journaling } from './journaling.js';
/** What becomes of mutations that the primary has applied, where a late attempt or another write could undo them. */
export declare class Keeping {
    #private;
    constructor(context: Context, journaling: Journaling);
    /**
     * Every put that the primary has applied comes by here before it is acknowledged. One that had to go there, to a
     * key that a late attempt may touch, is kept here too, so that it can be done again. And where the key has become
     * busy meanwhile, it is found out which of the two came first.
     */
    applied(key: Key, source: Source, options: PutOptions, stat: ObjectStat): Promise<void>;
    /** {@link applied} for a delete. */
    appliedDelete(key: Key, conditional: boolean): Promise<void>;
}
/** Whether a put goes to the primary even where a late attempt could undo it, and so is kept here as well. */
export declare function mustStay(options: PutOptions): boolean;
