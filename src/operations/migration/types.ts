import type { StorageConfig } from '../../config.js'
import type { ErrorCode, StorageError } from '../../core/errors.js'
import type { Logger } from '../../core/logger.js'
import type { Store } from '../../core/store.js'
import type { PaceOptions } from '../pace.js'

/**
 * One side of a migration, comparison or backup.
 *
 * - text: a folder (`./uploads`, `file:///srv/uploads`), plain files (`dir:/srv/files`), a bucket
 *   (`s3://chat?endpoint=https://s3.example.org`), or the store that a file of variables configures (`env:old.env`)
 * - a configuration, as `StorageService` takes it
 * - a store of one's own, which stays open
 */
export type StoreLocation = string | Partial<StorageConfig> | Store

/** Which objects are meant. */
export interface Selection {
  /** The start of the keys; `''` for all. */
  prefix?: string | undefined
  /** Globs (`rooms/**`, `*.jpg`), of which a key must match one; every key does unless given. */
  include?: readonly string[] | undefined
  /** Globs of which a key must match none. */
  exclude?: readonly string[] | undefined
}

/** What everything takes that works on two stores. */
export interface TwoStoresOptions extends Selection, PaceOptions {
  /** The local storage folder unless given. */
  from?: StoreLocation | undefined
  /** The configured store unless given. */
  to?: StoreLocation | undefined
  /** What the names of stores are completed with, such as the keys of a bucket; read from the environment unless given. */
  config?: Partial<StorageConfig> | undefined
  /** Bytes a second that are read, of both sides together; unlimited unless given. */
  bandwidth?: number | undefined
  logger?: Logger | undefined
}

/** What becomes of an object that the target has already, with other bytes. */
export type Existing = 'newer' | 'keep' | 'replace'

export interface MigrateOptions extends TwoStoresOptions {
  /** Only tell what would be done. */
  dryRun?: boolean | undefined
  /**
   * What becomes of an object that the target has already, with other bytes. `newer`: it is replaced if the source's
   * is newer. `keep`: it stays. `replace`: it is replaced. `newer` unless given.
   */
  existing?: Existing | undefined
  /** Reads every object back from the target once it is there, and compares its SHA-256. */
  verify?: boolean | undefined
  /** Where it is remembered what is done; `holdfast/migrations` in the user's folder for such things unless given. */
  stateFolder?: string | undefined
  /** Told of every object that something was, or would be, done with. */
  onObject?: ((object: MigratedObject) => void) | undefined
}

/** What became of an object. */
export interface MigratedObject {
  readonly key: string
  readonly size: number
  /**
   * `copied`: the target had none. `replaced`: it had another. `kept`: it has another, which stays. `deleted`: the
   * source has none (`syncFiles` with `delete`), or its source was removed (`deleteSource`).
   */
  readonly action: 'copied' | 'replaced' | 'kept' | 'deleted'
}

export interface ObjectFailure {
  readonly key: string
  readonly error: StorageError
}

/** What a migration or backup came to. */
export interface MigrationReport {
  /** The two sides, without secrets. */
  readonly from: string
  readonly to: string
  readonly dryRun: boolean
  /** Objects that the target did not have, those of which it had another, and their bytes. */
  readonly copied: number
  readonly replaced: number
  readonly copiedBytes: number
  /** Objects that were at the target before, the same. */
  readonly unchanged: number
  /** Objects that the target has with other bytes, and that were left there. */
  readonly kept: number
  /** Objects of which the two sides hold the same, as their listings have shown after the last was copied. */
  readonly verified: number
  readonly verifiedBytes: number
  /** Objects that were changed at the source while it was copied, and copied again. */
  readonly changed: number
  /** Objects that were changed again whenever they were copied: the target has an older state. */
  readonly unsettled: number
  /** Objects that were removed at the source while it was copied. */
  readonly vanished: number
  /** Objects removed: at the target by `syncFiles` with `delete`, at the source by `deleteSource`. */
  readonly deleted: number
  /** Symbolic links in folders of plain files: they are not followed. */
  readonly links: number
  readonly failed: number
  /** The first thousand of them. */
  readonly failures: readonly ObjectFailure[]
  readonly seconds: number
}

export interface SyncOptions extends Omit<MigrateOptions, 'existing'> {
  /** Also removes what the source does not have, once everything else is done and nothing has failed. */
  delete?: boolean | undefined
  /** Asked before anything is removed; nothing is if it answers false. */
  confirmDelete?:
    | ((extra: { readonly files: number; readonly bytes: number }) => Promise<boolean>)
    | undefined
}

export interface DeleteSourceOptions extends Omit<TwoStoresOptions, 'onTotal'> {
  dryRun?: boolean | undefined
  /** Reads both sides of every object; else what is recorded of their bytes is compared. */
  verify?: boolean | undefined
  stateFolder?: string | undefined
  onObject?: ((object: MigratedObject) => void) | undefined
}

export interface VerifyOptions extends TwoStoresOptions {
  /**
   * How objects are compared. `quick`: by size, and the target's is not older, as the listings tell. `hash`: by what is
   * recorded of their bytes (SHA-256, MD5), which are read where they lie on this machine, or where nothing comparable
   * is recorded. `read`: every byte is read. `hash` unless given.
   */
  compare?: 'quick' | 'hash' | 'read' | undefined
  /** Told of every difference. */
  onDifference?: ((difference: SideDifference) => void) | undefined
}

/** Where two sides differ. */
export interface SideDifference {
  readonly key: string
  /** `missing`: the target has none. `extra`: the source has none. `different`: both have one, and not the same. */
  readonly kind: 'missing' | 'extra' | 'different'
  /** Bytes; of the source's object, or of the target's where the source has none. */
  readonly size: number
}

/** What a comparison came to. */
export interface VerifyReport {
  readonly from: string
  readonly to: string
  readonly same: number
  readonly sameBytes: number
  readonly missing: number
  readonly extra: number
  readonly different: number
  /** Symbolic links in folders of plain files: they are not followed. */
  readonly links: number
  /** Objects that could not be compared. */
  readonly failed: number
  readonly failures: readonly ObjectFailure[]
  readonly seconds: number
}

/** Codes that say that the store, rather than one object, is the trouble. */
export const STORE_TROUBLE: ReadonlySet<string> = new Set<ErrorCode>([
  'UNAVAILABLE',
  'TIMEOUT',
  'THROTTLED',
  'UNAUTHENTICATED',
  'NO_SUCH_BUCKET',
  'CLOCK_SKEW',
  'CONFIG_INVALID',
  'NO_SPACE',
])
