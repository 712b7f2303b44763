import type { Key } from '../../core/key.js';
import type { OperationOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
/**
 * Removes versions that are there twice because one write was carried out twice: an attempt without an answer, and
 * its repetition. Of each write the newest version stays, and so does every write. Looks at the newest thousand.
 *
 * @returns how many were removed
 */
export declare function removeSurplusVersions(context: S3Context, key: Key, options?: OperationOptions): Promise<number>;
