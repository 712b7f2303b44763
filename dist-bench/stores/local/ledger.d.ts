import { StorageError } from '../../core/errors.js';
import { type Row } from './row.js';
/** A row with the version that a conditional write names. */
export interface VersionedRow {
    readonly row: Row;
    readonly version: number;
}
/** What objects take: how many there are and how many bytes they have. */
export interface Usage {
    readonly count: number;
    readonly bytes: number;
}
export interface RowWrite {
    readonly key: string;
    /** The version that the row must still have; undefined if there must be none. */
    readonly expected: number | undefined;
    /** The row to write; undefined removes it. */
    readonly row: Row | undefined;
    /** What the write adds to the usage. */
    readonly usage?: Usage | undefined;
    /** Bytes of a write, to be made durable with the row. */
    readonly bytes?: {
        readonly writeId: string;
        readonly content: Buffer;
    } | undefined;
    /** Writes whose bytes are no longer needed. */
    readonly forget?: readonly string[] | undefined;
}
/** The ledger as it was at one moment, for reading much of it. Given back soon: meanwhile its pages are not used again. */
export interface LedgerSnapshot {
    readonly transaction: unknown;
    done(): void;
}
/** What {@link Ledger.inspect} has read, all at one moment. */
export interface LedgerInspection {
    /** Of the folder that the ledger belongs to; undefined if it was never given any. */
    readonly id: string | undefined;
    /** What the rows come to. */
    readonly counted: Usage;
    /** What {@link Ledger.usage} said at that moment. */
    readonly kept: Usage;
    /** Names the corrections of the sum until then: what {@link Ledger.correctUsage} is conditional on. */
    readonly corrected: number | undefined;
}
/** An upload in parts that was begun at an object store and not yet seen to end. */
export interface UploadEntry {
    readonly uploadId: string;
    readonly key: string;
    readonly bucket: string;
    readonly endpoint: string;
}
/** A table beside the objects' rows, for what others keep in the same database. Keys are bytes, values JSON. */
export interface LedgerTable<V> {
    /** The newest committed entry. */
    get(key: Buffer): {
        readonly value: V;
        readonly version: number;
    } | undefined;
    /** Entries from a key on (included), in the order of the keys' bytes, up to `end` (excluded). */
    range(start: Buffer, end: Buffer | undefined, limit: number, at?: LedgerSnapshot): {
        key: string;
        value: V;
        version: number;
    }[];
    count(): number;
    /** Within {@link Ledger.commit} only. */
    put(key: Buffer, value: V, version: number): void;
    /** Within {@link Ledger.commit} only. */
    remove(key: Buffer): void;
}
/** An entry that must have this version (undefined: must not be there) for a commit to happen. */
export interface LedgerCondition {
    readonly table: LedgerTable<never>;
    readonly key: Buffer;
    readonly version: number | undefined;
}
export interface LedgerOptions {
    /** A number that no process of this folder ever gave before. */
    readonly nextVersion: () => number;
    /** Called once, when a commit failed in a way that makes every later one doubtful. */
    readonly onPoisoned: (error: StorageError) => void;
    /** Called before each commit; throws if this process may not write (any more). */
    readonly beforeCommit?: (() => Promise<void> | void) | undefined;
    /** Whether the disk is full, or nearly: LMDB reports a write cut short by that as a broken disk. */
    readonly isFull?: (() => Promise<boolean>) | undefined;
}
/**
 * The database beside the files. The one module that touches LMDB.
 *
 * A commit is durable when its promise resolves, and invisible when it rejects. Every decision is made on a
 * snapshot taken at that moment (LMDB otherwise reads from the event turn's first snapshot, and misses what
 * another process has committed since) and committed on the condition that the row is unchanged, so no
 * JavaScript ever runs inside a write transaction, where a stopped process would hold up all others.
 */
export declare class Ledger {
    #private;
    private constructor();
    /** Opens the database in a folder, making it if it is not there. */
    static open(path: string, options: LedgerOptions): Promise<Ledger>;
    /** The failure after which nothing is committed any more. */
    get poison(): StorageError | undefined;
    /** The newest committed row. */
    get(key: string): VersionedRow | undefined;
    /**
     * Writes a row if it still has the version that was seen, together with what follows from it (the list of
     * rows that have work, the usage), in one durable commit.
     *
     * @returns the row's new version (0 if it was removed), or undefined if another write came first: nothing was written then
     * @throws StorageError `NO_SPACE`, or `UNAVAILABLE` if the commit failed, or one before it did
     */
    write(write: RowWrite): Promise<number | undefined>;
    /**
     * {@link write} for many rows at once, each on its own condition.
     *
     * @returns for each whether it was written
     */
    writeAll(writes: readonly RowWrite[]): Promise<boolean[]>;
    /**
     * The objects from a key on, in the order of the keys' UTF-8 bytes.
     *
     * @param start the first bytes of the range, included
     * @param end where given, the bytes that end it, excluded
     */
    range(start: Buffer, end?: Buffer): Generator<{
        key: string;
        row: Row;
    }, void, void>;
    /** Rows after a key (from the first one on unless given), in the order of the keys' UTF-8 bytes, with their versions. */
    page(after: string | undefined, limit: number, at?: LedgerSnapshot): {
        key: string;
        row: Row;
        version: number;
    }[];
    /** The bytes that were committed with a row under this id; none for empty content. */
    bytesOf(id: string): Buffer;
    /** The keys of rows that have work, at this moment. */
    pendingKeys(): string[];
    /** Some of {@link pendingKeys}: those after a key, in order. */
    pendingPage(after: string | undefined, limit: number): string[];
    /** Ids of {@link bytesOf} after one, in the order of their bytes. */
    bytesPage(after: string | undefined, limit: number): string[];
    /** Whether the key is among {@link pendingKeys}. */
    isPending(key: string): boolean;
    /**
     * Reads everything there is, at one moment and without a pause: for a process that does nothing else.
     *
     * @throws Error where something cannot be read, StorageError `CONFIG_INVALID` for a ledger of another version; where the file is cut or its pages are not those of a database, the
     *   operating system may end the process
     */
    inspect(): LedgerInspection;
    /** The ledger as it is now, for as long as it is read. */
    snapshot(): LedgerSnapshot;
    /**
     * Adds to the usage what it lacks of the truth, which stays right whatever others commit at the same time.
     *
     * @param corrected as {@link inspect} told it with what the truth was taken from
     * @returns false if somebody else has corrected it since; nothing was done then
     */
    correctUsage({ count, bytes }: Usage, corrected: number | undefined): Promise<boolean>;
    /**
     * Resolves when all that was read is durable: what another process commits can be seen a moment before its sync.
     * Called before anything is removed for good because no row names it.
     */
    barrier(): Promise<void>;
    /** What all objects take. The cost grows with the commits since {@link foldUsage}, never with the objects. */
    usage(): Usage;
    /** Commits whose additions are not folded into the sum, as far as this process made them. */
    get unfolded(): number;
    /** Folds what commits added to the usage into one sum. Another process doing the same is no harm. */
    foldUsage(): Promise<void>;
    /** A fact of the whole folder, such as its id. */
    fact(name: string): string | undefined;
    /** Notes a fact durably, replacing what was there. */
    setFact(name: string, value: string): Promise<void>;
    /** Forgets facts, durably and all together. */
    removeFacts(names: readonly string[]): Promise<void>;
    /** Notes a fact unless it is known. @returns what holds now */
    claimFact(name: string, value: string): Promise<string>;
    /** Notes durably that an upload in parts was begun by a process. */
    addUpload(entry: UploadEntry, process: string): Promise<void>;
    /** Forgets an upload that ended. */
    removeUpload(uploadId: string): Promise<void>;
    /** All uploads that were begun and not seen to end, each with the process that began it. */
    uploads(): {
        entry: UploadEntry;
        process: string;
    }[];
    /** A table of this name; made if it is not there. */
    table<V>(name: string): LedgerTable<V>;
    /**
     * Commits what `write` writes to tables, durably and all together, if every condition holds.
     *
     * @param write called once or not at all; it is given the version of what it writes
     * @returns the version, or undefined if a condition did not hold: nothing was written then
     */
    commit(conditions: readonly LedgerCondition[], write: (version: number) => void): Promise<number | undefined>;
    /** Keeps bytes under an id of their own. Within {@link commit} only. */
    putBytes(id: string, content: Buffer): void;
    /** Lets bytes go. Within {@link commit} only. */
    removeBytes(id: string): void;
    close(): Promise<void>;
}
