import type { ListVersionsOptions, VersionPage, Versions } from '../../core/versions.js';
import type { S3Context } from './context.js';
/** The versions of a bucket's objects (S3 API, "Retaining multiple versions of objects with S3 Versioning"). */
export declare function versionsOf(context: S3Context): Versions;
/**
 * Lists one page of versions and delete markers (S3 API, "ListObjectVersions"). Holdfast's own objects are left out,
 * unless the prefix asks for them, and so are objects whose names are no valid keys.
 */
export declare function listVersions(context: S3Context, options?: ListVersionsOptions): Promise<VersionPage>;
