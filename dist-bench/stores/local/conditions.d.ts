import type { Attributes } from '../../core/attributes.js';
import type { Condition } from '../../core/store.js';
import type { StoredObject } from './row.js';
/** {@link checkEtags} for a local object, whose ETag is its write id. @throws StorageError as that */
export declare function checkCondition(op: string, key: string, current: StoredObject | undefined, condition: Condition): void;
/** @throws StorageError `UNSUPPORTED` if a storage class is asked for that is another than all local files have */
export declare function refuseStorageClass(op: string, key: string, attributes: Attributes): void;
/** @throws StorageError `INVALID_ARGUMENT` for a write id that could not be a file's name */
export declare function checkWriteId(op: string, key: string, writeId: string): void;
