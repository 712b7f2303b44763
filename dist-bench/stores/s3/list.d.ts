import type { ListOptions, StorePage } from '../../core/store.js';
import type { S3Context } from './context.js';
/**
 * Lists one page (S3 API, "ListObjectsV2"). Holdfast's own objects are left out, and so are objects whose names
 * are not valid keys: nothing could be done with them here. How many those were is logged.
 */
export declare function listObjects(context: S3Context, options?: ListOptions): Promise<StorePage>;
