import { type FileIdentity, type FileStat } from './files.js';
import type { Root } from './root.js';
/** Errors that say that the filesystem has no hard links. */
export declare const NO_LINKS: ReadonlySet<string>;
/**
 * The files of the objects as people see them, `<folder>/<key>`, and the moves between there and Holdfast's own
 * folder. Only the process that a row names as doing its work calls what changes a key's path.
 */
export declare class Tree {
    #private;
    constructor(root: Root);
    /** A key's path in the tree. */
    path(key: string): string;
    /** Whether a file may be put there: not where the filesystem cannot hold the key, or not tell it from another. */
    holds(key: string): boolean;
    /** Where the file of a write lies that is not in the tree. */
    objectPath(writeId: string): string;
    /** Where a process writes the file of a write before it is committed. */
    stagedPath(processId: string, writeId: string): string;
    /**
     * Moves a file to its key's path. What is in the way there goes: earlier versions of the key for ever,
     * anything else to `.holdfast/displaced`.
     *
     * The file keeps its old name too, where it gets the new one without taking a place: were the old name's end
     * durable before the new name, a power loss would leave neither.
     *
     * @param from where the file lies, unless it is in place already
     * @param anchor makes durable the folders that the path leads through; called before the file loses its old name
     * @param touched gets the folders whose names have changed
     * @returns whether the file is in place; false if the filesystem cannot hold the key as a path
     */
    place(key: string, path: string, from: string, identity: FileIdentity, earlier: readonly FileIdentity[], anchor: (folder: string) => Promise<void>, touched: Set<string>): Promise<boolean>;
    /** Moves a file to its place under its write id. */
    store(from: string, writeId: string, touched: Set<string>): Promise<void>;
    /** Removes earlier versions of a key from its path, and folders that are empty then. Anything else is displaced. */
    clear(key: string, path: string, earlier: readonly FileIdentity[], touched: Set<string>): Promise<void>;
    /** The regular file at a key's own path, by its very name and through no link; undefined if there is none. */
    find(key: string): Promise<FileStat | undefined>;
    /** The file at a path, if it has one of these contents, or none at all. */
    findBytes(path: string, contents: readonly Buffer[]): Promise<FileStat | undefined>;
}
/** The file of a write that is not in the tree, below `objects`. */
export declare function objectFile(writeId: string): string;
/** The failure of an operation on a file that is not what its row says. */
export declare function damaged(op: string, key: string, what: string): import("../../index.js").StorageError;
