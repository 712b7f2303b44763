import type { Key } from '../../core/key.js';
import type { GetOptions, OpenObject } from '../../core/store.js';
import type { S3Context } from './context.js';
/**
 * Opens an object (S3 API, "GetObject"). The bytes of a whole object are checked when their end is reached, those
 * of a range by their place and number.
 *
 * @param versionId the version to open; the current one unless given
 */
export declare function getObject(context: S3Context, key: Key, options?: GetOptions, versionId?: string): Promise<OpenObject>;
