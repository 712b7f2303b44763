import { type FileIdentity } from './files.js';
import type { VersionedRow } from './ledger.js';
import type { Root } from './root.js';
import type { Garbage, Work } from './row.js';
import { Tree } from './tree.js';
/** What whoever has just committed a row knows of it. */
export interface Committed {
    /** The row, to save reading it. */
    readonly known: VersionedRow;
    /** The file of its small content, being written to this process's staging folder. */
    readonly file?: Promise<FileIdentity>;
}
/**
 * Does to the files what committed rows ask for: moves the bytes of a new version to their place, removes those
 * of earlier ones. Then it tells the rows, many at a time and not waited for: until a row is told, its file is
 * found wherever it may be, and a crash leaves work that the next process finishes.
 */
export declare class Placer {
    #private;
    readonly tree: Tree;
    constructor(root: Root);
    /**
     * The work that replaces a row: by whom, and which files are left over from it. Of very many, some are
     * `dropped` from the row; they are to be {@link discard}ed once it is committed.
     */
    workAfter(previous: VersionedRow | undefined, staged: string | undefined): {
        work: Work;
        dropped: readonly Garbage[];
    };
    /** Removes files that no row speaks of any more; what cannot be removed is swept at a later start. */
    discard(garbage: readonly Garbage[]): Promise<void>;
    /**
     * Brings the files of a key to what its newest row says, if that is this process's work.
     *
     * @returns where the bytes are; undefined if another process does the work
     */
    settle(key: string, committed?: Committed): Promise<string | undefined>;
    /** Where this process has put the file of a row that is not told yet. */
    pathOf(key: string, version: number): string | undefined;
    /** Where the bytes of a row's object may be, the likeliest first. */
    places(key: string, { row, version }: VersionedRow): string[];
    /** Whether so much is waiting to be made durable outside the ledger that whoever brings more should do so himself. */
    get isBehind(): boolean;
    /** Commits what has been settled, waiting for it. */
    flush(): Promise<void>;
    /** Settles and commits what is under way. */
    close(): Promise<void>;
}
