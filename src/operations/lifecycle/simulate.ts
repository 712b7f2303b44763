import pLimit from 'p-limit'
import { activeProvider, type StorageConfig } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import { NULL_VERSION } from '../../core/versions.js'
import { asksForTags, dueAt, isFor, type LifecycleRule, prefixesOf } from '../../service/lifecycle/rules.js'
import { storePages } from '../../service/listing.js'
import { makeS3Store } from '../../service/s3-backend.js'
import type { S3Store } from '../../stores/s3/store.js'
import { versioningOf } from '../versioning.js'
import type { RulesInForce } from './bucket-rules.js'
import { type AgingVersion, type DueItem, dueUpload, dueVersions } from './due-versions.js'

export interface SimulateOptions {
  /** The moment that it is taken to be: milliseconds since the epoch. */
  readonly at: number
  readonly signal?: AbortSignal | undefined
}

type Tags = Readonly<Record<string, string>>

/** Objects that are asked for their tags at once. */
const ASKED_TOGETHER = 16

/**
 * What rules would do to the configured bucket at a moment, as the bucket itself has it: what waits here to be brought there
 * is not in it. Objects, their old versions and delete markers come in the order of their keys, then unfinished uploads.
 * Touches nothing, and needs the memory of a page, however many objects there are.
 *
 * @throws StorageError as the bucket answers: `UNAVAILABLE`, `PERMISSION_DENIED` and so on. What came until then is no whole.
 */
export async function* simulateBucket(
  config: StorageConfig,
  { rules, transitionMinimum }: Pick<RulesInForce, 'rules' | 'transitionMinimum'>,
  { at, signal }: SimulateOptions,
): AsyncGenerator<DueItem, void, void> {
  const acting = rules.filter(({ enabled }) => enabled)
  const provider = activeProvider(config) === 'minio' ? 'minio' : 's3'
  const store = makeS3Store(provider, config, silentLogger, {})
  try {
    const tags = new TagsAhead(store, acting, at, signal)
    const forObjects = acting.filter(actsOnObjects)
    if (forObjects.length > 0) {
      const versioning = await versioningOf(store, signal)
      const options = {
        at,
        keepsVersions: ({ versionId }: AgingVersion) =>
          versioning === 'on' || (versioning === 'suspended' && versionId !== NULL_VERSION),
        transitionMinimum,
        tagsOf: (version: AgingVersion) => tags.of(version),
      }
      for (const prefix of prefixesOf(forObjects))
        yield* dueVersions(versionsBelow(store, prefix, tags, signal), forObjects, options)
    }
    yield* dueUploads(store, acting, at, signal)
  } finally {
    await store.close()
  }
}

function actsOnObjects(rule: LifecycleRule): boolean {
  const { expire, transitions, expireOldVersions, removeExpiredDeleteMarkers } = rule
  return (
    expire !== undefined ||
    transitions.length > 0 ||
    expireOldVersions !== undefined ||
    removeExpiredDeleteMarkers
  )
}

async function* versionsBelow(
  store: S3Store,
  prefix: string,
  tags: TagsAhead,
  signal: AbortSignal | undefined,
): AsyncGenerator<AgingVersion> {
  let after: { key: string; versionId: string } | undefined
  try {
    do {
      const page = await store.versions.list({ prefix, after, signal })
      tags.askFor(page.versions)
      yield* page.versions
      after = page.next
    } while (after !== undefined)
  } catch (error) {
    // A server that keeps no versions may not list them either.
    if (after !== undefined || !StorageError.is(error, 'UNSUPPORTED')) throw error
    for await (const { objects } of storePages(store, { prefix, signal })) {
      for (const object of objects)
        yield { ...object, versionId: NULL_VERSION, isLatest: true, isDeleteMarker: false }
    }
  }
}

async function* dueUploads(
  store: S3Store,
  rules: readonly LifecycleRule[],
  at: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<DueItem> {
  const acting = rules.filter(({ abortIncompleteUploads }) => abortIncompleteUploads !== undefined)
  for (const prefix of prefixesOf(acting)) {
    for await (const upload of store.unfinishedUploads(prefix, { signal })) {
      const { key, uploadId, begunAt } = upload
      const rule = dueUpload(key, begunAt.getTime(), acting, at)
      if (rule === undefined) continue
      const size = await store.bytesOfUpload(upload, { signal })
      yield { rule: rule.id, action: 'abort-upload', key, size, lastModified: begunAt, uploadId }
    }
  }
}

/** The tags of the versions of a page, several asked for at once: a request each, which nobody else tells. */
class TagsAhead {
  readonly #store: S3Store
  readonly #rules: readonly LifecycleRule[]
  readonly #at: number
  readonly #signal: AbortSignal | undefined
  readonly #limit = pLimit(ASKED_TOGETHER)
  readonly #asked = new WeakMap<AgingVersion, Promise<Tags>>()

  constructor(store: S3Store, rules: readonly LifecycleRule[], at: number, signal: AbortSignal | undefined) {
    this.#store = store
    this.#rules = rules.filter(asksForTags)
    this.#at = at
    this.#signal = signal
  }

  askFor(versions: readonly AgingVersion[]): void {
    if (this.#rules.length === 0) return
    for (const version of versions) {
      if (version.isDeleteMarker || !this.#rules.some(rule => this.#mayAct(rule, version))) continue
      // Who needs it meets its error; many of them are never needed.
      this.of(version).catch(() => {})
    }
  }

  of(version: AgingVersion): Promise<Tags> {
    let tags = this.#asked.get(version)
    if (tags === undefined) {
      tags = this.#limit(() => this.#ask(version))
      this.#asked.set(version, tags)
    }
    return tags
  }

  #mayAct(rule: LifecycleRule, version: AgingVersion): boolean {
    if (!isFor(rule, version)) return false
    if (!version.isLatest) return rule.expireOldVersions !== undefined
    const from = version.lastModified.getTime()
    const whens = rule.expire === undefined ? rule.transitions : [rule.expire, ...rule.transitions]
    return whens.some(when => dueAt(when, from) <= this.#at)
  }

  async #ask({ key, versionId }: AgingVersion): Promise<Tags> {
    try {
      return (await this.#store.versions.tags(key as Key, versionId, { signal: this.#signal })) ?? {}
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return {}
      throw error
    }
  }
}
