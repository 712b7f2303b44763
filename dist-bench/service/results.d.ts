import type { StorageConfig } from '../config.js';
import type { ListedObject, ObjectStat } from '../core/store.js';
import type { FileStat, ListedFile, UploadResult } from '../storage.js';
import type { Backend } from './backend.js';
/** What users see of a listed object. */
export declare function listedFile(object: ListedObject): ListedFile;
/** What users see of an object: everything but Holdfast's own bookkeeping. */
export declare function fileStat(stat: ObjectStat): FileStat;
/** What users are told of a write. Spelled out without spreads, which would cost more than the rest of a small write's bookkeeping. */
export declare function uploadResult(backend: Backend, config: StorageConfig, stat: ObjectStat): UploadResult;
