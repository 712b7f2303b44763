import { type Adopter } from './adopt.js';
import type { Root } from './root.js';
/** What an import came to. */
export interface ImportReport {
    readonly imported: number;
    readonly skipped: readonly {
        readonly path: string;
        readonly reason: string;
    }[];
}
/**
 * Takes files that lie in the storage folder for objects, in place: one file, or all below a folder. A file
 * that has an object's name but not its bytes becomes that object's new version.
 *
 * @param path a file or folder, absolute or below the storage folder; all of it unless given
 * @returns how many were taken, and what was passed over and why
 * @throws StorageError `INVALID_ARGUMENT` if the path is not in the folder, or not there
 */
export declare function adoptPath(root: Root, adopter: Adopter, path?: string, signal?: AbortSignal): Promise<ImportReport>;
