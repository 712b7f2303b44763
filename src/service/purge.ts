import pLimit from 'p-limit'
import { StorageError } from '../core/errors.js'
import type { OperationOptions } from '../core/store.js'
import { type ListedVersion, NULL_VERSION, type Versioning, type Versions } from '../core/versions.js'
import type { PurgeReport, PurgeVersionsOptions, VersionsOf } from '../storage.js'
import { invalidArgument } from './arguments.js'
import type { Backend } from './backend.js'
import { checkVersioning, everyVersion, parseScope, type VersionScope, versionsOf } from './versions.js'

/** Versions of one request (S3 API, "DeleteObjects"). */
const BATCH = 1000
/** Questions at once. */
const CONCURRENCY = 16

/** @throws StorageError `UNSUPPORTED` where no versions are kept, `INVALID_KEY`, `INVALID_ARGUMENT` */
export async function purgeVersions(
  backend: Backend,
  of: VersionsOf,
  options: PurgeVersionsOptions,
  signal: AbortSignal | undefined,
): Promise<PurgeReport> {
  const scope = parseScope('purge', of)
  const rule = parseRule(options, Date.now())
  const versions = versionsOf(backend, 'purge')
  const versioning = await checkVersioning(versions, 'purge', { signal })
  return new Purge(versions, options, signal).run(scope, { ...rule, versioning })
}

/** Which old versions may go. */
export interface PurgeRule {
  /** Those that were replaced or deleted before this: milliseconds since the epoch. */
  readonly before: number
  /** So many of a file's newest old versions with content stay. */
  readonly keep: number
  /** Where the bucket keeps no new versions, an upload takes the place of the null version, under the same name. */
  readonly versioning: Exclude<Versioning, 'off'>
}

/** @throws StorageError `INVALID_ARGUMENT` */
function parseRule(options: PurgeVersionsOptions, now: number): Omit<PurgeRule, 'versioning'> {
  const { olderThanSeconds = 0, keep = 0 } = options
  const isSeconds = typeof olderThanSeconds === 'number' && olderThanSeconds >= 0
  if (!isSeconds || !Number.isFinite(olderThanSeconds)) {
    throw invalidArgument('purge', 'olderThanSeconds', olderThanSeconds, 'a number of seconds from 0 up')
  }
  if (!Number.isSafeInteger(keep) || keep < 0) {
    throw invalidArgument('purge', 'keep', keep, 'a whole number from 0 up')
  }
  return { before: now - olderThanSeconds * 1000, keep }
}

/** What may go, in the order in which it goes; `last` is a current delete marker, which goes only when nothing lies below it. */
export interface Doomed {
  readonly version: ListedVersion
  readonly last: boolean
}

/**
 * Tells what may go of versions in the order of a listing, holding none of them.
 *
 * Never the current version: not even its delete marker, unless nothing is left that would come back without it.
 */
export async function* doomed(
  versions: AsyncIterable<ListedVersion>,
  rule: PurgeRule,
): AsyncGenerator<Doomed, void, void> {
  let newer: ListedVersion | undefined
  let current: ListedVersion | undefined
  let kept = 0
  let contents = 0
  const markerOf = (): ListedVersion | undefined =>
    current?.isDeleteMarker === true &&
    kept === 0 &&
    current.lastModified.getTime() <= rule.before &&
    isFixed(current, rule)
      ? current
      : undefined
  for await (const version of versions) {
    if (version.key !== newer?.key) {
      const marker = markerOf()
      if (marker !== undefined) yield { version: marker, last: true }
      newer = current = undefined
      kept = contents = 0
    }
    // The newest of a key is taken for the current one, whatever the listing says of it.
    if (newer === undefined || version.isLatest) current = version
    else {
      if (!version.isDeleteMarker) contents++
      const isKept = !version.isDeleteMarker && contents <= rule.keep
      if (!isKept && newer.lastModified.getTime() <= rule.before && isFixed(version, rule)) {
        yield { version, last: false }
      } else if (!version.isDeleteMarker) kept++
    }
    newer = version
  }
  const marker = markerOf()
  if (marker !== undefined) yield { version: marker, last: true }
}

/** Whether the name will never be another version's. */
function isFixed({ versionId }: ListedVersion, { versioning }: PurgeRule): boolean {
  return versioning === 'on' || versionId !== NULL_VERSION
}

/** Removes old versions, and delete markers of which nothing is left. */
class Purge {
  readonly #versions: Versions
  readonly #options: PurgeVersionsOptions
  readonly #signal: AbortSignal | undefined
  readonly #limit = pLimit(CONCURRENCY)
  readonly #failed: { key: string; versionId: string; error: StorageError }[] = []
  readonly #failedKeys = new Set<string>()
  #batch: ListedVersion[] = []
  #markers: ListedVersion[] = []
  #removed = 0
  #bytes = 0
  #deleteMarkers = 0

  constructor(versions: Versions, options: PurgeVersionsOptions, signal: AbortSignal | undefined) {
    this.#versions = versions
    this.#options = options
    this.#signal = signal
  }

  async run(scope: VersionScope, rule: PurgeRule): Promise<PurgeReport> {
    const all = everyVersion(this.#versions, scope, this.#asked)
    for await (const { version, last } of doomed(all, rule)) {
      if (last) this.#markers.push(version)
      else this.#batch.push(version)
      if (this.#batch.length >= BATCH || this.#markers.length >= BATCH) await this.#flush()
    }
    await this.#flush()
    return {
      removed: this.#removed,
      bytes: this.#bytes,
      deleteMarkers: this.#deleteMarkers,
      failed: this.#failed,
    }
  }

  get #asked(): OperationOptions {
    return { signal: this.#signal }
  }

  /** Old versions first: a marker may only go when all below it is gone. */
  async #flush(): Promise<void> {
    const versions = this.#batch
    const markers = this.#markers
    this.#batch = []
    this.#markers = []
    await this.#remove(versions)
    if (markers.length === 0) return
    const sure = this.#options.dryRun
      ? markers
      : await Promise.all(markers.map(marker => this.#limit(() => this.#isAlone(marker)))).then(alone =>
          markers.filter((_, index) => alone[index]),
        )
    await this.#remove(sure)
  }

  /** Whether a delete marker is all that there is of a key, at this moment: without it nothing comes back. */
  async #isAlone(marker: ListedVersion): Promise<boolean> {
    const { key, versionId } = marker
    if (this.#failedKeys.has(key)) return false
    const page = await this.#versions.list({ prefix: key, limit: 2, ...this.#asked })
    const [only, ...others] = page.versions.filter(version => version.key === key)
    return only?.versionId === versionId && others.length === 0
  }

  async #remove(versions: readonly ListedVersion[]): Promise<void> {
    if (versions.length === 0) return
    const unremoved = new Set<string>()
    if (!this.#options.dryRun) {
      for (const { key, versionId, error } of await this.#versions.remove(versions, this.#asked)) {
        if (!StorageError.is(error)) throw error
        this.#failed.push({ key, versionId, error })
        this.#failedKeys.add(key)
        unremoved.add(`${versionId} ${key}`)
      }
    }
    for (const version of versions) {
      if (unremoved.has(`${version.versionId} ${version.key}`)) continue
      this.#removed++
      this.#bytes += version.size
      if (version.isDeleteMarker) this.#deleteMarkers++
      await this.#options.onRemoved?.(version)
    }
  }
}
