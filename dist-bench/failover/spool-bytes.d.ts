import { StorageError } from '../core/errors.js';
import type { Key } from '../core/key.js';
import type { Source } from '../core/source.js';
import type { GetOptions, OpenObject } from '../core/store.js';
import { type HeldContent, type JournaledPut } from './journal.js';
/**
 * Where the only copy of acknowledged bytes lies until the primary holds them: a durable file each, or the journal
 * itself where they are few.
 */
export interface SpoolBytes {
    /**
     * Takes small content into memory, to be made durable by the commit of the row that names it.
     *
     * @returns undefined if it is not small: nothing of it is used up then
     * @throws StorageError as {@link write} does
     */
    hold(source: Source, options: SpoolWriteOptions): Promise<Held | undefined>;
    /**
     * Writes the source to a file of its own; whole and durable when it resolves, gone when it rejects.
     *
     * @throws StorageError `NO_SPACE`, `INVALID_ARGUMENT` for another SHA-256 than declared, and what the source throws
     */
    write(id: string, source: Source, options: SpoolWriteOptions): Promise<Spooled>;
    /** @throws StorageError `INTEGRITY` if it is not there; what lies in the journal and is not there has no bytes */
    open(file: string, key: Key): Promise<SpooledFile>;
    /** Removes the file, if it is there. What lies in the journal goes with its row. */
    remove(file: string): Promise<void>;
    /** Where a person finds the file; undefined for what lies in the journal. */
    pathOf(file: string): string | undefined;
}
/** What was written, and the name that the spool gave its file. */
export interface Spooled {
    readonly file: string;
    readonly size: number;
    /** Lower-case hex. */
    readonly sha256: string;
}
/** Small content that is not durable yet. */
export interface Held extends Spooled, HeldContent {
}
export interface SpoolWriteOptions {
    readonly key: Key;
    readonly sha256?: string | undefined;
    readonly signal?: AbortSignal | undefined;
}
/** An opened file of the spool. It stays readable when it is removed. */
export interface SpooledFile {
    readonly size: number;
    /** Fewer bytes only at the end. */
    read(offset: number, length: number): Promise<Buffer>;
    close(): Promise<void>;
}
/** Opens acknowledged bytes for a reader. @throws StorageError `INTEGRITY`, `RANGE_NOT_SATISFIABLE` */
export declare function openSpooled(bytes: SpoolBytes, key: Key, state: JournaledPut, options: GetOptions): Promise<OpenObject>;
/** Opens the file of a state, and checks its length. @throws StorageError `INTEGRITY` */
export declare function openWhole(bytes: SpoolBytes, key: Key, state: JournaledPut): Promise<SpooledFile>;
/** The error for acknowledged bytes that are not there any more, or not the same. */
export declare function rotten(key: Key, what: string, cause?: unknown): StorageError;
/** A spooled file as content to send. Reading it to its end in order proves the SHA-256. */
export declare function spooledSource(file: SpooledFile): Source;
/** Content in memory as a spooled file. */
export declare function heldFile(content: Buffer): SpooledFile;
/** The SHA-256 of a file, read through once. */
export declare function hashOf(file: SpooledFile): Promise<string>;
