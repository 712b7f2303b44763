import { type Files } from './files.js';
/** Who writes files into the folders of `objects` that no row names yet. */
export interface FolderClaims {
    /** Folders of processes that live. */
    readonly living: ReadonlySet<string>;
    /** Folders that processes which died have written into. */
    readonly dead: ReadonlyMap<string, DeadClaim>;
}
/** What processes that died have left of their marks on a folder. */
export interface DeadClaim {
    readonly marks: readonly string[];
    /** When the first of them was made: milliseconds since the epoch. Older files are not those processes'. */
    readonly since: number;
}
/**
 * Marks the folders of `objects` that this process writes files into before it commits the rows that name them. A
 * file without a row is one that is about to get it, or one whose writer died in between: the marks tell.
 *
 * Whoever judges lists the files first, then reads the marks, then the rows: a file of a folder that nobody who
 * lives had marked by then was written by a process that has committed all it ever will.
 */
export declare class Claims {
    #private;
    /** @param ownPath Holdfast's own folder */
    constructor(files: Files, ownPath: string, processId: string);
    /** Marks a folder, durably; once is enough. */
    claim(folder: string): Promise<void>;
    /** Takes the marks of this process away. Called when it can commit no more. */
    release(): Promise<void>;
    /** Takes marks away. */
    forget(marks: readonly string[]): Promise<void>;
    /** The marks that are there now. */
    read(isDead: (processId: string) => boolean): Promise<FolderClaims>;
}
