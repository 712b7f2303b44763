import { type Check } from './findings.js';
import type { FolderPatient } from './folder.js';
/** What waits in the storage folder for the object store. */
export declare const SPOOL_CHECKS: readonly Check<FolderPatient>[];
