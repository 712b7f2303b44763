import { type FileIdentity, type FileStat } from './files.js';
import type { RowWrite, VersionedRow } from './ledger.js';
import type { Root } from './root.js';
/** How long a file's size and time must have stood still before it is taken for finished. */
export declare const STILL_MS = 2000;
/**
 * Tells whether files have stood still. By their own times; and, since those may lie in the future or be set
 * at will, by having been looked at twice.
 */
export declare class Stillness {
    #private;
    constructor(stillMs: number);
    /** Milliseconds until the file may have stood still for long enough; 0 if it has. */
    wait(path: string, identity: FileIdentity): number;
}
/**
 * Takes files that somebody else put into the folder, or changed there, for objects: in place, once they have
 * stood still.
 */
export declare class Adopter {
    #private;
    constructor(root: Root, stillMs?: number);
    /**
     * Adopts the file at a key's path, if there is one and no row.
     *
     * @returns whether there is an object now
     * @throws StorageError `UNAVAILABLE` (retryable) while the file is still being written
     */
    adoptKey(op: string, key: string): Promise<boolean>;
    /** The regular file at a key's own path, reached through no link; undefined if there is none. */
    look(key: string): Promise<FileStat | undefined>;
    /** How long the file must still be waited for, in milliseconds. */
    waitFor(key: string, stat: FileIdentity): number;
    /**
     * Commits adopted files, then looks at each again: a file that went meanwhile leaves no row.
     *
     * @returns for each whether it has a row now
     */
    commit(writes: readonly RowWrite[]): Promise<boolean[]>;
    /**
     * Deals with a file that is not as its row says though the row is the newest. The same bytes under another
     * inode (a restored backup) are told to the row. A placed file that somebody edited becomes a new version.
     *
     * @returns whether the row was changed, so that it is worth reading again
     * @throws StorageError `UNAVAILABLE` (retryable) while the file is still being written
     */
    reconcile(op: string, key: string, found: VersionedRow, path: string, stat: FileStat): Promise<boolean>;
}
/** What makes a file that was found an object. @param sha256 of its bytes, if they were read; lower-case hex */
export declare function adoption(key: string, stat: FileStat, sha256?: string): RowWrite;
