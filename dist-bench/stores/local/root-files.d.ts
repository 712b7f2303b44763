import type { Ledger } from './ledger.js';
/** Makes a folder, readable by this user alone; a link or file of that name is refused. */
export declare function makeOwnFolder(path: string): Promise<void>;
/** Creates a small file with its content, durably, unless it is there. @returns the content that is there now */
export declare function claimFile(path: string, content: Buffer): Promise<Buffer>;
/** Puts a file with its content in the place of what was there, durably. */
export declare function replaceFile(path: string, content: Buffer): Promise<void>;
/** Whether a folder has been a store. */
export declare function hasId(folder: string): Promise<boolean>;
/** The id of a store; undefined if the folder's file does not hold one. */
export declare function readId(folder: string): Promise<{
    id: string;
    isNew: boolean;
} | undefined>;
/** Gives the folder back the id that its ledger has. */
export declare function restoreId(folder: string, id: string): Promise<void>;
/** Has the next opening of the folder make a new ledger, which gets the folder's id, or a new one if that is lost. */
export declare function markNew(folder: string): Promise<void>;
/**
 * Makes sure that root and ledger belong together: both carry the same random id. The root's is written first,
 * marked as new; then the ledger's; then the mark goes: so a crash in between is told from a lost ledger.
 *
 * @returns the id
 * @throws StorageError `CONFIG_INVALID` if one of the two is missing or of another store
 */
export declare function matchIds(folder: string, ledger: Ledger, ledgerPath: string): Promise<string>;
