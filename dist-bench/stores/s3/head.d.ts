import { StorageError } from '../../core/errors.js';
import type { Key } from '../../core/key.js';
import type { ObjectStat, OperationOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
import { type StoredObject } from './metadata.js';
/** All that S3 tells of an object without its bytes (S3 API, "HeadObject"). @throws `NOT_FOUND` */
export declare function headObject(context: S3Context, key: Key, options?: OperationOptions): Promise<ObjectStat>;
/**
 * As {@link headObject}, with what only this store needs to know.
 *
 * @param versionId the version to ask for; the current one unless given
 */
export declare function headStored(context: S3Context, key: Key, options: OperationOptions, op?: string, versionId?: string): Promise<StoredObject>;
/** The error for an object that is not there. */
export declare function absent(op: string, key: Key): StorageError;
