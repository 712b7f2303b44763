import type { Source } from '../../core/source.js';
import { type FileIdentity, type Files } from './files.js';
import type { FreeSpace } from './free-space.js';
/**
 * Content up to this size is made durable with its row, in the ledger, and its file is synced later: one wait for
 * the disk instead of two.
 */
export declare const INLINE_BYTES: number;
/** A file whose bytes and whose name survive a power loss. */
export interface DurableFile {
    readonly identity: FileIdentity;
    /** Lower-case hex. */
    readonly sha256: string;
}
/** Content small enough for the ledger, in memory. */
export interface SmallContent {
    readonly content: Buffer;
    /** Lower-case hex. */
    readonly sha256: string;
}
export interface WriteOptions {
    readonly op: string;
    readonly key: string;
    readonly signal?: AbortSignal | undefined;
    /** Lower-case hex that the content must have, else `INVALID_ARGUMENT`. */
    readonly sha256?: string | undefined;
}
/**
 * The one place where bytes become durable. A file is there whole, synced and with its name synced, or not at
 * all; a sync that failed is never tried again, for the system may have dropped what it could not write.
 */
export declare class Bytes {
    #private;
    constructor(files: Files, space: Pick<FreeSpace, 'check'>);
    /**
     * Takes the source's content into memory, if it is at most {@link INLINE_BYTES}.
     *
     * @returns undefined if it is more; nothing of it is used up then
     * @throws StorageError as {@link write} does
     */
    readSmall(source: Source, options: WriteOptions): Promise<SmallContent | undefined>;
    /** Writes a new file that nothing relies on yet: neither it nor its name is durable. */
    writeUnsynced(path: string, content: Buffer): Promise<FileIdentity>;
    /** Makes a file durable that was written without; its name is another matter. */
    sync(path: string): Promise<void>;
    /**
     * Writes the source to a new file: its bytes, then in parallel their sync and that of the folder.
     *
     * @throws StorageError `INVALID_ARGUMENT` for other content than declared, and what the source throws; the
     *   system's own error where the disk fails. The file is gone then.
     */
    write(folder: string, name: string, source: Source, options: WriteOptions): Promise<DurableFile>;
    /** Makes the names in a folder durable; those who ask at the same time share one sync. */
    syncFolder(folder: string): Promise<void>;
    /** Removes a file that nobody needs; what cannot be removed is left to the sweep at the next start. */
    discard(path: string): Promise<void>;
}
/** Ignores that a name is not there (any more). */
export declare function ifThere(done: Promise<void>): Promise<boolean>;
