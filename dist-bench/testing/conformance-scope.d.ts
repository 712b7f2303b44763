import { type AttributesInput } from '../core/attributes.js';
import { type Key } from '../core/key.js';
import { type Content, type Source, type SourceOptions } from '../core/source.js';
import type { GetOptions, ListOptions, ObjectStat, PutOptions, Store, StorePage } from '../core/store.js';
import type { OpenedStore } from './conformance.js';
import type { Random } from './conformance-random.js';
import type { CheckScope, ConformanceOptions, Skippable } from './conformance-runner.js';
export type ScopePutOptions = Omit<PutOptions, 'attributes'> & Pick<SourceOptions, 'size' | 'maxBytes'> & {
    readonly attributes?: AttributesInput;
};
/** What one check works with: the store, and a prefix of its own that is emptied afterwards. */
export declare class StoreScope implements CheckScope {
    #private;
    readonly store: Store;
    readonly prefix: string;
    readonly random: Random;
    readonly options: ConformanceOptions;
    constructor(opened: OpenedStore, prefix: string, random: Random, options: ConformanceOptions);
    has(what: Skippable): boolean;
    key(name: string): Key;
    /** The names of these keys without the prefix of the check. */
    names(keys: Iterable<string>): string[];
    put(name: string, content: Content, options?: ScopePutOptions): Promise<ObjectStat>;
    /** Puts a source as it is, without attributes. */
    putSource(name: string, source: Source, options?: Omit<PutOptions, 'attributes'>): Promise<ObjectStat>;
    bytes(name: string, options?: GetOptions): Promise<Buffer>;
    /** Asserts that the object holds exactly these bytes, and that get, head and list agree on it. */
    holds(name: string, bytes: Buffer): Promise<ObjectStat>;
    /** Asserts that the object has exactly these tags. */
    tagged(name: string, tags: Readonly<Record<string, string>>): Promise<void>;
    /** Asserts that there is no such object, whichever way one asks. */
    absent(name: string): Promise<void>;
    /** All pages of a listing below the prefix of the check; what is given is relative to it. */
    pages(options?: ListOptions): Promise<StorePage[]>;
    /** The names of all that a listing holds, prefixes with their delimiter, in the order of the pages. */
    listed(options?: ListOptions): Promise<string[]>;
    /** Removes all that the check left. */
    cleanUp(): Promise<void>;
}
