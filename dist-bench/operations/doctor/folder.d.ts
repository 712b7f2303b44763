import { type StorageConfig } from '../../config.js';
import { type Check } from './findings.js';
/** The storage folder under examination. */
export interface FolderPatient {
    readonly config: StorageConfig;
    readonly path: string;
    readonly ledgerPath: string;
}
/** Whether the folder can hold what nobody else has. */
export declare const FOLDER_CHECKS: readonly Check<FolderPatient>[];
/** The folder of a configuration. */
export declare function folderPatient(config: StorageConfig): FolderPatient;
