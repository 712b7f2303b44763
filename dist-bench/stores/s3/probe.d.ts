import type { OperationOptions } from '../../core/store.js';
import type { S3Client } from './client.js';
/**
 * Checks that the bucket can be used with these credentials, by asking for an object of our own. Where that is
 * refused, which without s3:ListBucket it also is while the object is not there, the object is written.
 *
 * @throws StorageError that names what is wrong: `UNAUTHENTICATED`, `PERMISSION_DENIED`, `NO_SUCH_BUCKET`,
 *   `CLOCK_SKEW`, `CONFIG_INVALID` for another region (naming it), `UNAVAILABLE`, `TIMEOUT`, `THROTTLED`
 */
export declare function probeBucket(client: S3Client, { signal }?: OperationOptions): Promise<void>;
