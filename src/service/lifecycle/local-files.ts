import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { StorageError, throwIfAborted } from '../../core/errors.js'
import type { ListedObject, Store } from '../../core/store.js'
import { storePages } from '../listing.js'
import { asksForTags, dueAt, hasTags, isFor, type LifecycleRule, prefixesOf } from './rules.js'

/** Files looked at before the event loop gets a turn. */
const PAGE = 250
const DELETES_TOGETHER = 8
/** The longest rest after a page; milliseconds. */
const MAX_REST_MS = 5_000

/** A file that a rule lets go. */
export interface DueFile extends ListedObject {
  /** The id of the rule: the first in the file that does. */
  readonly rule: string
}

/** What became of files, by the rule. */
export interface RuleTally {
  readonly files: number
  readonly bytes: number
}

/** What one look through the local files came to. */
export interface LocalOutcome {
  readonly rules: Readonly<Record<string, RuleTally>>
  readonly files: number
  readonly bytes: number
  /** Files that could not be removed; they are tried again with the next look. */
  readonly failed: number
}

export interface DueOptions {
  /** The moment that it is taken to be: milliseconds since the epoch. */
  readonly at: number
  readonly signal?: AbortSignal | undefined
}

export interface ExpireOptions extends DueOptions {
  /** Whether half of the time is left to others: what nobody waits for. */
  readonly gentle?: boolean | undefined
  /** Called after every page. @throws to end it */
  readonly onPage?: (() => Promise<void>) | undefined
  /** Told of each file that was removed. */
  readonly onRemoved?: ((file: DueFile) => void | Promise<void>) | undefined
  /** Told of each file that could not be removed. */
  readonly onFailed?: ((file: DueFile, error: StorageError) => void) | undefined
}

/**
 * The files that the rules let go, page by page, in the order of their keys. Only `expire` has a meaning here: a folder has no
 * storage classes, keeps no old versions, and what is left of uploads that were cut off goes by itself.
 *
 * @throws StorageError `UNAVAILABLE` as soon as a listing is not complete
 */
export async function* dueFiles(
  store: Store,
  rules: readonly LifecycleRule[],
  { at, signal }: DueOptions,
): AsyncGenerator<DueFile[], void, void> {
  const acting = rules.filter(({ enabled, expire }) => enabled && expire !== undefined)
  for (const prefix of prefixesOf(acting)) {
    for await (const page of storePages(store, { prefix, limit: PAGE, signal })) {
      if (!page.complete) {
        const message =
          'Not all local files are known yet, or the object store that some are in is away: no rule acts on a part of them.'
        throw new StorageError({ code: 'UNAVAILABLE', op: 'lifecycle', store: 'local', message })
      }
      const due: DueFile[] = []
      for (const object of page.objects) {
        const rule = await ruleFor(store, acting, object, at, signal)
        if (rule !== undefined) due.push({ ...object, rule: rule.id })
      }
      yield due
    }
  }
}

/**
 * Removes the files that the rules let go; each only as it was listed, so a file that was stored anew meanwhile stays.
 *
 * @throws StorageError as {@link dueFiles}
 */
export async function expireFiles(
  store: Store,
  rules: readonly LifecycleRule[],
  options: ExpireOptions,
): Promise<LocalOutcome> {
  const { signal, gentle, onPage, onRemoved, onFailed } = options
  const limit = pLimit(DELETES_TOGETHER)
  const tallies: Record<string, RuleTally> = Object.create(null)
  let [files, bytes, failed] = [0, 0, 0]
  const remove = async (file: DueFile): Promise<void> => {
    try {
      const { key, etag, size, rule } = file
      if (!(await store.delete(key, { ifMatch: etag, signal }))) return
      const tally = tallies[rule] ?? { files: 0, bytes: 0 }
      tallies[rule] = { files: tally.files + 1, bytes: tally.bytes + size }
      files++
      bytes += size
      await onRemoved?.(file)
    } catch (error) {
      // Somebody was faster: it is another file by now, or none.
      if (StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND')) return
      if (!StorageError.is(error) || StorageError.is(error, 'ABORTED')) throw error
      failed++
      onFailed?.(file, error)
    }
  }
  let began = performance.now()
  for await (const due of dueFiles(store, rules, options)) {
    await Promise.all(due.map(file => limit(remove, file)))
    await onPage?.()
    throwIfAborted(signal, 'lifecycle')
    const restMs = gentle === true ? Math.min(performance.now() - began, MAX_REST_MS) : 0
    if (restMs > 0) await sleep(restMs, undefined, { ref: false, signal }).catch(() => {})
    throwIfAborted(signal, 'lifecycle')
    began = performance.now()
  }
  return { rules: tallies, files, bytes, failed }
}

/** The first rule that lets the object go at that moment. */
async function ruleFor(
  store: Store,
  rules: readonly LifecycleRule[],
  object: ListedObject,
  at: number,
  signal: AbortSignal | undefined,
): Promise<LifecycleRule | undefined> {
  let tags: Readonly<Record<string, string>> | undefined
  for (const rule of rules) {
    if (!isFor(rule, object) || rule.expire === undefined) continue
    if (dueAt(rule.expire, object.lastModified.getTime()) > at) continue
    if (asksForTags(rule)) {
      tags ??= await tagsOf(store, object, signal)
      if (!hasTags(rule, tags)) continue
    }
    return rule
  }
  return undefined
}

/** The tags of the object as it was listed; none if it is another by now, or cannot be read. */
async function tagsOf(
  store: Store,
  { key, etag }: ListedObject,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, string>>> {
  try {
    const stat = await store.head(key, { signal })
    return stat.etag === etag ? (stat.tags ?? {}) : {}
  } catch (error) {
    if (StorageError.is(error, 'NOT_FOUND') || StorageError.is(error, 'INTEGRITY')) return {}
    throw error
  }
}
