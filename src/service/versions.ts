import pLimit from 'p-limit'
import { attributesOf } from '../core/attributes.js'
import { StorageError, shown } from '../core/errors.js'
import { type Key, parseKey, parsePrefix } from '../core/key.js'
import { openSource } from '../core/source.js'
import type { Condition, GetOptions, ObjectStat, OpenObject, OperationOptions, Store } from '../core/store.js'
import type { ListedVersion, Versioning, VersionPage, VersionPosition, Versions } from '../core/versions.js'
import type { FileVersion, ListVersionsOptions, VersionsOf } from '../storage.js'
import { checkOptions, checkString, invalidArgument } from './arguments.js'
import type { Backend } from './backend.js'

/** Questions about single versions at once. */
const CONCURRENCY = 16

/** What versions are looked at: those of one key, or of every key that begins with a prefix. */
export interface VersionScope {
  readonly key: Key | undefined
  readonly prefix: string
}

/** @throws StorageError `INVALID_KEY`, `INVALID_ARGUMENT` unless there is one of `key` and `prefix` */
export function parseScope(op: string, of: VersionsOf): VersionScope {
  checkOptions(op, of)
  const { key, prefix } = of as { key?: unknown; prefix?: unknown }
  if ((key === undefined) === (prefix === undefined)) {
    throw invalidArgument(op, 'files', of, 'an object with either a key or a prefix')
  }
  if (key === undefined) return { key: undefined, prefix: parsePrefix(prefix, op) }
  const parsed = parseKey(key, op)
  return { key: parsed, prefix: parsed }
}

/** The versions of a store that keeps them. @throws StorageError `UNSUPPORTED` */
export function versionsOf(backend: Backend, op: string): Versions {
  if (backend.versions !== undefined) return backend.versions
  const message =
    'Local storage keeps no versions of its files; accepted: an S3 bucket that was told to, by "holdfast bucket versioning on".'
  throw new StorageError({ code: 'UNSUPPORTED', op, store: 'local', message })
}

/**
 * Whether new versions come to be; unknown (these credentials may not ask) counts as not.
 *
 * @throws StorageError `UNSUPPORTED` for a bucket that was never told to keep versions
 */
export async function checkVersioning(
  versions: Versions,
  op: string,
  options: OperationOptions,
): Promise<Exclude<Versioning, 'off'>> {
  const versioning = await versions.versioning(options).catch(error => {
    if (StorageError.is(error, 'PERMISSION_DENIED')) return 'suspended' as const
    throw error
  })
  if (versioning !== 'off') return versioning
  const message =
    'The bucket keeps no versions of its files; "holdfast bucket versioning on" has it keep those to come.'
  throw new StorageError({ code: 'UNSUPPORTED', op, store: 's3', message })
}

/** What reads a file, or one version of it. @throws StorageError `INVALID_ARGUMENT`, `UNSUPPORTED` */
export function readerOf(
  backend: Backend,
  op: string,
  versionId: string | undefined,
  condition: Condition = {},
): Pick<Store, 'get' | 'head'> {
  if (versionId === undefined) return backend.store
  checkVersionId(op, versionId)
  if (condition.ifMatch !== undefined || condition.ifNoneMatch !== undefined) {
    const message = 'A version never changes, so there are no conditions on it: ifMatch and ifNoneMatch.'
    throw new StorageError({ code: 'INVALID_ARGUMENT', op, message })
  }
  const versions = versionsOf(backend, op)
  return {
    get: (key, options) => openVersion(versions, key, versionId, options),
    head: async (key, options) => living(op, await versions.head(key, versionId, options)),
  }
}

/** @throws StorageError `NOT_FOUND` also for a version that has expired */
async function openVersion(
  versions: Versions,
  key: Key,
  versionId: string,
  options: GetOptions | undefined,
): Promise<OpenObject> {
  const object = await versions.get(key, versionId, options)
  try {
    living('get', object.stat)
    return object
  } catch (error) {
    await object.body.close()
    throw error
  }
}

/** What has expired is not there, as a version no more than as a file. @throws StorageError `NOT_FOUND` */
function living(op: string, stat: ObjectStat): ObjectStat {
  if (stat.expiresAt === undefined || stat.expiresAt > Date.now()) return stat
  const message = 'This version has expired.'
  throw new StorageError({ code: 'NOT_FOUND', op, key: stat.key, store: 's3', message })
}

/** @throws StorageError `INVALID_ARGUMENT` */
export function checkVersionId(op: string, versionId: unknown): void {
  checkString(op, 'versionId', versionId, 'the id of a version')
  if (versionId === '') throw invalidArgument(op, 'versionId', versionId, 'the id of a version')
}

/** A page of the versions in a scope; with `next` undefined once what follows is outside of it. */
export async function scopedPage(
  versions: Versions,
  scope: VersionScope,
  after: VersionPosition | undefined,
  options: OperationOptions & { limit?: number | undefined },
): Promise<VersionPage> {
  const page = await versions.list({ prefix: scope.prefix, after, ...options })
  if (scope.key === undefined) return page
  // Keys that only begin with this one come after it.
  const own = page.versions.filter(({ key }) => key === scope.key)
  const isPast = page.versions.some(({ key }) => key !== scope.key)
  return page.next === undefined || isPast || page.next.key !== scope.key
    ? { versions: own }
    : { versions: own, next: page.next }
}

/** Every version in a scope, of each key the newest first. */
export async function* everyVersion(
  versions: Versions,
  scope: VersionScope,
  options: OperationOptions,
): AsyncGenerator<ListedVersion, void, void> {
  let after: VersionPosition | undefined
  do {
    const page = await scopedPage(versions, scope, after, options)
    yield* page.versions
    after = page.next
  } while (after !== undefined)
}

/** Runs one step of a listing on the opened store. */
type RunStep = (
  step: (backend: Backend, signal: AbortSignal | undefined) => Promise<VersionStep>,
) => Promise<VersionStep>

interface VersionStep {
  readonly versions: readonly FileVersion[]
  readonly next: VersionPosition | undefined
}

/** A listing that asks the store for a page when its reader wants one. @throws what {@link checkVersioning} does, on the first step */
export async function* versionListing(
  of: VersionsOf,
  options: ListVersionsOptions | undefined,
  run: RunStep,
): AsyncGenerator<FileVersion, void, void> {
  const scope = parseScope('list', of)
  let after: VersionPosition | undefined
  do {
    const step = await run(async (backend, signal) => {
      const versions = versionsOf(backend, 'list')
      if (after === undefined) await checkVersioning(versions, 'list', { signal })
      const page = await scopedPage(versions, scope, after, { signal })
      const limit = pLimit(CONCURRENCY)
      const told = options?.writers
        ? await Promise.all(
            page.versions.map(version => limit(() => withWriter(versions, version, { signal }))),
          )
        : page.versions
      return { versions: told, next: page.next }
    })
    yield* step.versions
    after = step.next
  } while (after !== undefined)
}

/** Who wrote a version is told by the write id that each of Holdfast's own carries. */
async function withWriter(
  versions: Versions,
  version: ListedVersion,
  options: OperationOptions,
): Promise<FileVersion> {
  const { key, versionId, isDeleteMarker } = version
  if (isDeleteMarker) return version
  try {
    const { writeId } = await versions.head(key, versionId, options)
    return { ...version, writtenBy: writeId === undefined ? 'others' : 'holdfast' }
  } catch (error) {
    // Removed since it was listed.
    if (StorageError.is(error, 'NOT_FOUND')) return version
    throw error
  }
}

/**
 * Makes an older version the current one: its content and what it carries are written anew, under a write id of
 * their own and on the condition that the key is still as it was seen. So a restore is a write as every other: what
 * was current stays as a version, and late requests and other hosts find an order.
 *
 * @param versionId the newest below a delete marker unless given
 */
export async function restoreVersion(
  backend: Backend,
  key: Key,
  versionId: string | undefined,
  options: OperationOptions,
): Promise<ObjectStat> {
  if (versionId !== undefined) checkVersionId('restore', versionId)
  const versions = versionsOf(backend, 'restore')
  await checkVersioning(versions, 'restore', options)
  const { store } = backend
  const before = await statOf(store, key, options)
  if (versionId === undefined && before !== undefined) {
    const message = `The file ${shown(key)} is there; accepted: the id of the version that is to take its place.`
    throw new StorageError({ code: 'ALREADY_EXISTS', op: 'restore', key, message })
  }
  const id = versionId ?? (await newestContent(versions, key, options))
  const tags = await versions.tags(key, id, options)
  const write = async (condition: Condition): Promise<ObjectStat> => {
    const { stat, body } = await openVersion(versions, key, id, options)
    const source = await openSource(body, { size: stat.size, ...options })
    try {
      // What a person brings back does not vanish by itself any more.
      const attributes = attributesOf({ ...stat, tags, expiresAt: undefined })
      return await store.put(key, source, { attributes, sha256: stat.sha256, ...condition, ...options })
    } finally {
      await source.close()
      await body.close()
    }
  }
  try {
    return await write(before === undefined ? { ifNoneMatch: '*' } : { ifMatch: before.etag })
  } catch (error) {
    // A server that takes no conditions is asked once more instead.
    if (StorageError.is(error, 'UNSUPPORTED')) {
      if ((await statOf(store, key, options))?.etag === before?.etag) return write({})
    } else if (!StorageError.is(error, 'PRECONDITION_FAILED') && !StorageError.is(error, 'ALREADY_EXISTS'))
      throw error
    const message = `Somebody wrote to ${shown(key)} while its version was being restored; nothing was changed.`
    throw new StorageError({ code: 'PRECONDITION_FAILED', op: 'restore', key, message, cause: error })
  }
}

async function statOf(store: Store, key: Key, { signal }: OperationOptions): Promise<ObjectStat | undefined> {
  try {
    return await store.head(key, { signal })
  } catch (error) {
    if (StorageError.is(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

async function newestContent(versions: Versions, key: Key, options: OperationOptions): Promise<string> {
  for await (const version of everyVersion(versions, { key, prefix: key }, options)) {
    if (!version.isDeleteMarker) return version.versionId
  }
  const message = `There is no version of ${shown(key)} to restore.`
  throw new StorageError({ code: 'NOT_FOUND', op: 'restore', key, store: 's3', message })
}
