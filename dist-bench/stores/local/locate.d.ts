import type { ObjectStat } from '../../core/store.js';
import type { Adopter } from './adopt.js';
import { type FileIdentity } from './files.js';
import type { VersionedRow } from './ledger.js';
import { type Look } from './reading.js';
import type { Root } from './root.js';
import type { StoredObject } from './row.js';
/** An object, and its file as it was found, or its bytes where they are in the ledger. */
export interface Location<H> {
    readonly object: StoredObject;
    readonly stat: ObjectStat;
    readonly hit: H | {
        readonly content: Buffer;
    };
}
interface LocateOptions<H> {
    readonly root: Root;
    readonly adopter: Adopter;
    readonly op: string;
    readonly key: string;
    readonly look: (root: Root, path: string, identity: FileIdentity) => Promise<Look<H>>;
    readonly current: () => Promise<VersionedRow | undefined>;
}
/** Opens the file. */
export declare function openAt(root: Root, path: string, identity: FileIdentity): Promise<Look<{
    fd: number;
}>>;
/** Looks at the file without opening it. */
export declare function statAt(root: Root, path: string, identity: FileIdentity): Promise<Look<undefined>>;
/**
 * Finds an object's file. A file that is not as the row says means first that the row was replaced meanwhile:
 * it is read again. Only the same row twice is a finding.
 *
 * @throws StorageError `NOT_FOUND`; `INTEGRITY` if the file is gone or is another; `UNAVAILABLE` (retryable)
 *   while somebody is editing it
 */
export declare function locate<H>(options: LocateOptions<H>): Promise<Location<H>>;
/** All that is known of an object, as readers get it. */
export declare function statOf(key: string, object: StoredObject, path: string | undefined): ObjectStat;
export {};
