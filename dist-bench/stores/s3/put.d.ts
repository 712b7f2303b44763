import type { Key } from '../../core/key.js';
import type { Source } from '../../core/source.js';
import type { ObjectStat, PutOptions } from '../../core/store.js';
import type { S3Context } from './context.js';
/**
 * Writes an object (S3 API, "PutObject", "CreateMultipartUpload"). Nothing is sent before the whole of small
 * content, or the first part of larger content, is in hand.
 */
export declare function putObject(context: S3Context, key: Key, content: Source, options: PutOptions): Promise<ObjectStat>;
/** Writes an object whose bytes are all in hand, in one request. */
export declare function putWhole(context: S3Context, key: Key, bytes: Buffer, options: PutOptions, conditions: readonly string[] | undefined): Promise<ObjectStat>;
