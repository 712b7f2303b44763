import { type Files } from './files.js';
/** Finds out by a file of its own whether the filesystem folds case or normal forms. */
export declare function foldsNames(files: Files, folder: string): Promise<boolean>;
/** Refuses a ledger on a network filesystem; returns a warning for files that will not outlive the machine. */
export declare function checkFilesystem(path: string, ledgerPath: string): Promise<string | undefined>;
