import type { Key } from '../../core/key.js';
import type { DeleteManyResult, DeleteOptions, OperationOptions } from '../../core/store.js';
import type { UnremovedVersion, VersionName } from '../../core/versions.js';
import type { S3Context } from './context.js';
/**
 * Removes an object (S3 API, "DeleteObject").
 *
 * @returns true, since S3 does not tell whether there was one; false where a server says that there was none
 */
export declare function deleteObject(context: S3Context, key: Key, options?: DeleteOptions): Promise<boolean>;
/**
 * Removes many objects, a thousand a request. Each failure is reported with its key.
 *
 * @throws StorageError `UNAVAILABLE` once closed, or the signal's: some objects may then be gone
 */
export declare function deleteMany(context: S3Context, keys: readonly Key[], options?: OperationOptions): Promise<DeleteManyResult>;
/**
 * Removes many versions for good, a thousand a request (S3 API, "DeleteObjects" with `VersionId`).
 *
 * @returns those that could not be removed
 * @throws as {@link deleteMany} does
 */
export declare function deleteVersions(context: S3Context, versions: readonly VersionName[], options?: OperationOptions): Promise<readonly UnremovedVersion[]>;
/** Removes one version for good (S3 API, "DeleteObject" with `versionId`). */
export declare function deleteVersion(context: S3Context, key: Key, versionId: string, options?: OperationOptions): Promise<void>;
