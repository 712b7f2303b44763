import type { Key } from '../../core/key.js';
import type { ObjectStat, ThawOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
/**
 * Asks for an archived object back (S3 API, "RestoreObject"). One that is on its way already is left to come, and one
 * that is back stays for longer.
 *
 * @returns what it is then
 * @throws StorageError `NOT_FOUND`, `UNSUPPORTED` where the server restores nothing, `ARCHIVED` where it cannot be had
 *   this fast now
 */
export declare function thawObject(context: S3Context, key: Key, options: ThawOptions): Promise<ObjectStat>;
