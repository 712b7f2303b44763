import { type Key } from '../core/key.js';
import type { Content } from '../core/source.js';
import type { Storage, UploadOptions, UploadResult } from '../storage.js';
import type { Random } from './conformance-random.js';
import { type CheckScope, type ConformanceOptions, type Skippable } from './conformance-runner.js';
export interface ServiceConformanceOptions extends ConformanceOptions {
    /** Opens the storage; called once. */
    open(): Promise<OpenedStorage>;
}
export interface OpenedStorage {
    readonly storage: Storage;
    /** Waits until nothing written is pending any more; where uploads go to the local disk first. */
    settled?(): Promise<void>;
    /** Closes the storage and takes away what was made for it. */
    close(): Promise<void>;
}
/** What one check works with: the storage, and a prefix of its own that is emptied afterwards. */
export declare class ServiceScope implements CheckScope {
    #private;
    readonly storage: Storage;
    readonly prefix: string;
    readonly random: Random;
    readonly options: ConformanceOptions;
    constructor(opened: OpenedStorage, prefix: string, random: Random, options: ConformanceOptions);
    /** A storage does not say what it can; what was not declared as lacking is tried. */
    has(what: Skippable): boolean;
    key(name: string): Key;
    upload(name: string, content: Content, options?: UploadOptions | string): Promise<UploadResult>;
    /** Waits until nothing written is pending any more. */
    settled(): Promise<void>;
    holds(name: string, bytes: Buffer): Promise<void>;
    absent(name: string): Promise<void>;
    /** The names of all files below the check's prefix. */
    names(): Promise<string[]>;
    cleanUp(): Promise<void>;
}
/**
 * The promises of the {@link Storage} interface in executable form: defines a suite of small checks, by the
 * runner's own functions, over the storage that `open` gives. It cleans up behind itself.
 */
export declare function serviceConformance(options: ServiceConformanceOptions): void;
