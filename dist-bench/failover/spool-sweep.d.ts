import type { FolderClaims } from '../stores/local/claims.js';
import { type FileStat } from '../stores/local/files.js';
import type { Root } from '../stores/local/root.js';
import type { LedgerJournal } from './ledger-journal.js';
/**
 * Removes spooled files whose writer died before it committed the row that names them: they were never acknowledged. And
 * those whose last row is gone, and whose removal a crash cut off.
 * For the former, only folders that a dead process had marked, and no living one, are looked at; so a server that is started again and
 * again does not fill the disk, and one that ended well costs nothing.
 *
 * @returns how many files were removed
 */
export declare function sweepSpool(root: Root, journal: LedgerJournal, signal: AbortSignal): Promise<number>;
/** Runs {@link sweepSpool} beside everything else, until the folder is closed. */
export declare function sweepSpoolInBackground(root: Root, journal: LedgerJournal): void;
/**
 * Whether a file that nothing names was being written by a process that died: its folder carries the mark of one, and
 * it is no older. Any other file without a name is one that nobody can explain.
 */
export declare function isCutOff(file: string, stat: FileStat, claims: FolderClaims): boolean;
/** The files of a folder of `objects`, as `<folder>/<name>`; none if there is no such folder. */
export declare function filesIn(root: Root, folder: string): Promise<string[]>;
/** Such a file; undefined if it is gone. */
export declare function lookAt(root: Root, file: string): Promise<FileStat | undefined>;
/** Removes such a file, if it is there. */
export declare function removeFile(root: Root, file: string): Promise<void>;
/** The folder of such a file. */
export declare function folderOf(file: string): string;
