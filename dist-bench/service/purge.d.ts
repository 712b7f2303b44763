import { type ListedVersion, type Versioning } from '../core/versions.js';
import type { PurgeReport, PurgeVersionsOptions, VersionsOf } from '../storage.js';
import type { Backend } from './backend.js';
/** @throws StorageError `UNSUPPORTED` where no versions are kept, `INVALID_KEY`, `INVALID_ARGUMENT` */
export declare function purgeVersions(backend: Backend, of: VersionsOf, options: PurgeVersionsOptions, signal: AbortSignal | undefined): Promise<PurgeReport>;
/** Which old versions may go. */
export interface PurgeRule {
    /** Those that were replaced or deleted before this: milliseconds since the epoch. */
    readonly before: number;
    /** So many of a file's newest old versions with content stay. */
    readonly keep: number;
    /** Where the bucket keeps no new versions, an upload takes the place of the null version, under the same name. */
    readonly versioning: Exclude<Versioning, 'off'>;
}
/** What may go, in the order in which it goes; `last` is a current delete marker, which goes only when nothing lies below it. */
export interface Doomed {
    readonly version: ListedVersion;
    readonly last: boolean;
}
/**
 * Tells what may go of versions in the order of a listing, holding none of them.
 *
 * Never the current version: not even its delete marker, unless nothing is left that would come back without it.
 */
export declare function doomed(versions: AsyncIterable<ListedVersion>, rule: PurgeRule): AsyncGenerator<Doomed, void, void>;
