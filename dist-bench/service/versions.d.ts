import { type Key } from '../core/key.js';
import type { Condition, ObjectStat, OperationOptions, Store } from '../core/store.js';
import type { ListedVersion, Versioning, VersionPage, VersionPosition, Versions } from '../core/versions.js';
import type { FileVersion, ListVersionsOptions, VersionsOf } from '../storage.js';
import type { Backend } from './backend.js';
/** What versions are looked at: those of one key, or of every key that begins with a prefix. */
export interface VersionScope {
    readonly key: Key | undefined;
    readonly prefix: string;
}
/** @throws StorageError `INVALID_KEY`, `INVALID_ARGUMENT` unless there is one of `key` and `prefix` */
export declare function parseScope(op: string, of: VersionsOf): VersionScope;
/** The versions of a store that keeps them. @throws StorageError `UNSUPPORTED` */
export declare function versionsOf(backend: Backend, op: string): Versions;
/**
 * Whether new versions come to be; unknown (these credentials may not ask) counts as not.
 *
 * @throws StorageError `UNSUPPORTED` for a bucket that was never told to keep versions
 */
export declare function checkVersioning(versions: Versions, op: string, options: OperationOptions): Promise<Exclude<Versioning, 'off'>>;
/** What reads a file, or one version of it. @throws StorageError `INVALID_ARGUMENT`, `UNSUPPORTED` */
export declare function readerOf(backend: Backend, op: string, versionId: string | undefined, condition?: Condition): Pick<Store, 'get' | 'head'>;
/** @throws StorageError `INVALID_ARGUMENT` */
export declare function checkVersionId(op: string, versionId: unknown): void;
/** A page of the versions in a scope; with `next` undefined once what follows is outside of it. */
export declare function scopedPage(versions: Versions, scope: VersionScope, after: VersionPosition | undefined, options: OperationOptions & {
    limit?: number | undefined;
}): Promise<VersionPage>;
/** Every version in a scope, of each key the newest first. */
export declare function everyVersion(versions: Versions, scope: VersionScope, options: OperationOptions): AsyncGenerator<ListedVersion, void, void>;
/** Runs one step of a listing on the opened store. */
type RunStep = (step: (backend: Backend, signal: AbortSignal | undefined) => Promise<VersionStep>) => Promise<VersionStep>;
interface VersionStep {
    readonly versions: readonly FileVersion[];
    readonly next: VersionPosition | undefined;
}
/** A listing that asks the store for a page when its reader wants one. @throws what {@link checkVersioning} does, on the first step */
export declare function versionListing(of: VersionsOf, options: ListVersionsOptions | undefined, run: RunStep): AsyncGenerator<FileVersion, void, void>;
/**
 * Makes an older version the current one: its content and what it carries are written anew, under a write id of
 * their own and on the condition that the key is still as it was seen. So a restore is a write as every other: what
 * was current stays as a version, and late requests and other hosts find an order.
 *
 * @param versionId the newest below a delete marker unless given
 */
export declare function restoreVersion(backend: Backend, key: Key, versionId: string | undefined, options: OperationOptions): Promise<ObjectStat>;
export {};
