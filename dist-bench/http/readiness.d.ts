import { StorageError } from '../core/errors.js';
import type { HttpStorage } from './options.js';
/**
 * Asks the store whether it is usable, at most once at a time and once a second. Usable means that uploads can be
 * taken: an object store that is away, with a net under it, is.
 */
export declare class Readiness {
    #private;
    constructor(storage: HttpStorage);
    /** @returns undefined if the store is usable, else what is wrong */
    ask(): Promise<StorageError | undefined>;
}
