import type { Key } from '../../core/key.js';
import type { CopyOptions, ObjectStat } from '../../core/store.js';
import type { S3Context } from './context.js';
/**
 * Copies an object under a new write id. The store does it by itself (S3 API, "CopyObject", "UploadPartCopy"); a
 * condition on the copy or on the source that this server ignores there makes the bytes pass through here
 * instead, where both can be kept.
 *
 * The copy carries what was read of the source first, its SHA-256 among it: so the bytes copied must be those of
 * the same version, and it is begun anew where they are not.
 */
export declare function copyObject(context: S3Context, from: Key, to: Key, options?: CopyOptions): Promise<ObjectStat>;
