import type { Tags } from '../../core/attributes.js';
import type { Key } from '../../core/key.js';
import type { S3Client } from './client.js';
import type { S3Context } from './context.js';
import type { StoredObject } from './metadata.js';
interface TagsOptions {
    readonly op: string;
    readonly signal?: AbortSignal | undefined;
}
/** The tags of an object (S3 API, "GetObjectTagging"), which neither GET nor HEAD tells; of the current version unless one is named. */
export declare function fetchTags(client: S3Client, key: Key, options: TagsOptions, versionId?: string): Promise<Tags>;
/** Gives an object its tags (S3 API, "PutObjectTagging"). */
export declare function setTags(client: S3Client, key: Key, tags: Tags, options: TagsOptions): Promise<void>;
/**
 * The tags that a copy must be given to have its source's; undefined if it has none. Where they may not be read,
 * and nothing says that there are any, there are none.
 */
export declare function tagsToCopy(context: S3Context, key: Key, stored: StoredObject, signal: AbortSignal | undefined, versionId?: string): Promise<Tags | undefined>;
export {};
