import type { Key } from './key.js'
import type { GetOptions, ListedObject, ObjectStat, OpenObject, OperationOptions } from './store.js'

/** Whether a bucket keeps the versions of its objects; `suspended`: those that it has, and no new ones. */
export type Versioning = 'off' | 'on' | 'suspended'

/** Names what was written while a bucket kept no versions; a later write without one takes its place, and its name. */
export const NULL_VERSION = 'null'

/** One version of an object, for ever. */
export interface VersionName {
  readonly key: Key
  readonly versionId: string
}

/** What a listing tells of a version. A delete marker has no bytes and no ETag. */
export interface ListedVersion extends ListedObject, VersionName {
  /** Whether this is what is under the key now. */
  readonly isLatest: boolean
  readonly isDeleteMarker: boolean
}

export interface ListVersionsOptions extends OperationOptions {
  /** The start of the keys; `''` for all. */
  readonly prefix?: string | undefined
  /** Begins after this version, as a page's {@link VersionPage.next} names it. */
  readonly after?: VersionPosition | undefined
  /** 1 to 1000; 1000 unless given. */
  readonly limit?: number | undefined
}

/** A place in a listing of versions. */
export interface VersionPosition {
  readonly key: string
  /** Empty: behind all versions of the key. */
  readonly versionId: string
}

/** One page, in UTF-8 byte order of the keys, and of a key the newest version first. */
export interface VersionPage {
  readonly versions: readonly ListedVersion[]
  /** Where the next page begins; absent on the last one. */
  readonly next?: VersionPosition
}

/** What can be done with the versions of a store that keeps them. Every method rejects with a StorageError. */
export interface Versions {
  versioning(options?: OperationOptions): Promise<Versioning>
  list(options?: ListVersionsOptions): Promise<VersionPage>
  /** Opens one version. @throws `NOT_FOUND` where there is none of this name, or it is a delete marker */
  get(key: Key, versionId: string, options?: GetOptions): Promise<OpenObject>
  /** @throws as {@link get} does */
  head(key: Key, versionId: string, options?: OperationOptions): Promise<ObjectStat>
  /** The tags of a version, which neither get nor head tells; undefined if it has none. */
  tags(
    key: Key,
    versionId: string,
    options?: OperationOptions,
  ): Promise<Readonly<Record<string, string>> | undefined>
  /** Removes versions for good; one that is not there is no failure. @returns those that could not be removed */
  remove(versions: readonly VersionName[], options?: OperationOptions): Promise<readonly UnremovedVersion[]>
}

export interface UnremovedVersion extends VersionName {
  readonly error: Error
}
