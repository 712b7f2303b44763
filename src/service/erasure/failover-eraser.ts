import pLimit from 'p-limit'
import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { ObjectStat, Store } from '../../core/store.js'
import { isAside, keyOfRow } from '../../failover/aside.js'
import { busyState, type Context, commit, suspicion } from '../../failover/context.js'
import { contentOf, type JournalRow, type Tombstone } from '../../failover/journal.js'
import type { LedgerJournal } from '../../failover/ledger-journal.js'
import type { Root } from '../../stores/local/root.js'
import type { LocalStore } from '../../stores/local/store.js'
import { storePages } from '../listing.js'
import { type ErasableBucket, eraseInBucket, reasonOf } from './bucket-place.js'
import { eraseDisplaced, eraseObjects, eraseQuarantine } from './folder-place.js'
import { type Bound, type Eraser, isInScope, isOlder, type Pass } from './pass.js'

const CONCURRENCY = 16
const PAGE = 256

export interface FailoverEraserParts {
  readonly root: Root
  readonly context: Context
  readonly journal: LedgerJournal
  /** The bucket with its net. */
  readonly store: Store
  /** Files from before the bucket. */
  readonly local: LocalStore
  /** Undefined where it is switched off. */
  readonly bucket: ErasableBucket | undefined
}

/** Erases what a bucket and the folder that is its net hold. */
export class FailoverEraser implements Eraser {
  readonly #parts: FailoverEraserParts

  constructor(parts: FailoverEraserParts) {
    this.#parts = parts
  }

  get target(): string {
    return this.#parts.context.primary.target
  }

  bound(): Bound {
    const { clock, primary } = this.#parts.context
    const { bucket } = this.#parts
    return { at: Math.max(primary.now(), bucket?.heardTime ?? 0), stamp: clock.next() }
  }

  async run(pass: Pass): Promise<string | undefined> {
    const { root, local } = this.#parts
    await this.#eraseCopies(pass)
    const unknown = pass.isHereOnly ? undefined : await this.#eraseCurrent(pass)
    // Of what readers have begun to copy since.
    await this.#eraseCopies(pass)
    await this.#eraseAside(pass)
    await this.#eraseConflicts(pass)
    await eraseQuarantine(root, pass)
    const inFolder = await eraseObjects(root, local, pass)
    await eraseDisplaced(root, pass)
    if (pass.isHereOnly) return inFolder
    const inBucket = await this.#eraseInBucket(pass)
    return unknown ?? inBucket ?? inFolder ?? (pass.dryRun ? undefined : this.#waiting(pass))
  }

  /** Deletes what is current, as any delete: acknowledged at once, and brought to the bucket when it can be. */
  async #eraseCurrent(pass: Pass): Promise<string | undefined> {
    const { scope, signal } = pass
    if (scope.key !== undefined) return this.#deleteKey(scope.key, pass)
    const limit = pLimit(CONCURRENCY)
    let left: string | undefined
    for await (const page of storePages(this.#parts.store, { prefix: scope.prefix, signal })) {
      const reasons = await Promise.all(
        page.objects.map(({ key }) => limit(() => this.#deleteKey(key, pass))),
      )
      left = reasons.find(reason => reason !== undefined) ?? left
      if (!page.complete) left = AWAY
    }
    return left
  }

  async #deleteKey(key: Key, pass: Pass): Promise<string | undefined> {
    const { context, store, journal } = this.#parts
    const { signal } = pass
    pass.met(key)
    const state = busyState(context, journal.get(key))
    if (state?.kind === 'delete') return undefined
    try {
      if (state !== undefined) {
        if (!isOlder({ stamp: state.stamp, lastModified: new Date(state.at) }, pass.bound)) return undefined
        const removal = { ifMatch: state.writeId, signal }
        if (!pass.dryRun) await pass.removing(key, () => store.delete(key, removal))
        const path = context.bytes.pathOf(state.file)
        const { writeId: id, size, sha256 } = state
        await pass.told({ key, where: 'spool', id, size, sha256, ...(path !== undefined && { path }) })
        return undefined
      }
      return await this.#deleteQuiet(key, pass)
    } catch (error) {
      // Somebody has written to it since: that stays, or is looked at by the next pass.
      if (StorageError.is(error, 'PRECONDITION_FAILED')) return undefined
      if (StorageError.is(error) && !pass.dryRun) return reasonOf(error)
      throw error
    }
  }

  async #deleteQuiet(key: Key, pass: Pass): Promise<string | undefined> {
    const { context, store, journal } = this.#parts
    const { signal, dryRun } = pass
    if (context.availability.reads.open) {
      if (pass.isFirst && !dryRun) await pass.removing(key, () => store.delete(key, { signal }))
      return AWAY
    }
    const object = await this.#look(key, pass)
    if (object === 'away') return AWAY
    const isGoing = object === undefined ? false : pass.isFirst || isOlder(object, pass.bound)
    // What may still come is to be deleted when it has come: a delete that was acknowledged sees to that.
    const mayCome = pass.isFirst && (journal.get(key) !== undefined || suspicion(context) !== undefined)
    if (!isGoing && !mayCome) return undefined
    if (!dryRun) {
      const ifMatch = pass.isFirst ? undefined : object?.etag
      await pass.removing(key, () =>
        store.delete(key, { signal, ifMatch }).catch(async error => {
          if (!StorageError.is(error, 'UNSUPPORTED')) throw error
          await store.delete(key, { signal })
        }),
      )
    }
    // A bucket that keeps versions still has it, and tells of it when it goes for good.
    if (object === undefined || object.versionId !== undefined) return undefined
    const { writeId: id, size, etag, sha256 } = object
    await pass.told({
      key,
      where: 'bucket',
      size,
      etag,
      ...(id !== undefined && { id }),
      ...(sha256 !== undefined && { sha256 }),
    })
    return undefined
  }

  async #look(key: Key, pass: Pass): Promise<ObjectStat | undefined | 'away'> {
    const { context, store } = this.#parts
    const { primary, availability } = context
    try {
      return (await primary.look(key, { signal: pass.signal })).object
    } catch (error) {
      if (!(await availability.isAway(availability.reads, error))) throw error
      if (pass.isFirst && !pass.dryRun) {
        await pass.removing(key, () => store.delete(key, { signal: pass.signal }))
      }
      return 'away'
    }
  }

  /** What waits for another bucket becomes a delete there. */
  async #eraseAside(pass: Pass): Promise<void> {
    const { context } = this.#parts
    for (const row of this.#rows('.holdfast/', isAside)) {
      const key = keyOfRow(row)
      const { state } = row
      if (state?.kind !== 'put' || !isInScope(pass.scope, key)) continue
      if (!isOlder({ stamp: state.stamp, lastModified: new Date(state.at) }, pass.bound)) continue
      const { writeId: id, size, sha256, at } = state
      const tombstone: Tombstone = { kind: 'delete', writeId: id, stamp: pass.bound.stamp, at }
      if (!pass.dryRun && !(await commit(context, row.key, row, { ...contentOf(row), state: tombstone })))
        continue
      await pass.told({ key, where: 'spool', id, size, sha256 })
    }
  }

  async #eraseConflicts(pass: Pass): Promise<void> {
    const { context, journal } = this.#parts
    let after: string | undefined
    for (;;) {
      const conflicts = journal.conflictPage(after, PAGE)
      for (const { id, key, size, sha256, file } of conflicts) {
        if (!isInScope(pass.scope, key)) continue
        pass.met(key)
        const path = context.bytes.pathOf(file)
        if (!pass.dryRun) {
          await journal.removeConflict(id)
          await context.bytes.remove(file)
        }
        const known = { ...(sha256 !== undefined && { sha256 }), ...(path !== undefined && { path }) }
        await pass.told({ key, where: 'conflict', id, size, ...known })
      }
      after = conflicts.at(-1)?.id
      if (conflicts.length < PAGE) return
    }
  }

  async #eraseCopies({ scope, dryRun, told }: Pass): Promise<void> {
    const { cache } = this.#parts.context
    if (cache === undefined || dryRun) return
    if (scope.key !== undefined) {
      const copy = await cache.open(scope.key)
      await copy?.close()
      await cache.forget(scope.key)
      await cache.forgotten()
      if (copy !== undefined) await told({ key: scope.key, where: 'cache', size: copy.stat.size })
      return
    }
    for (const { key, size, path } of await cache.forgetAll(key => isInScope(scope, key))) {
      await told({ key, where: 'cache', size, path })
    }
  }

  async #eraseInBucket(pass: Pass): Promise<string | undefined> {
    const { context, journal, bucket } = this.#parts
    const { reads } = context.availability
    if (bucket === undefined || reads.open) return AWAY
    const isSettled = (key: Key): boolean =>
      pass.dryRun || (journal.get(key) === undefined && suspicion(context) === undefined)
    try {
      return await eraseInBucket(bucket, pass, isSettled)
    } catch (error) {
      if (!StorageError.is(error) || error.store === 'local' || StorageError.is(error, 'ABORTED')) throw error
      return (await context.availability.isAway(reads, error)) ? AWAY : reasonOf(error)
    }
  }

  /** What of the journal is left, whose end an erasure waits for. */
  #waiting({ scope, bound }: Pass): string | undefined {
    const { context } = this.#parts
    if (suspicion(context) !== undefined) return MAY_COME
    for (const { key, state } of this.#rows(scope.prefix, key => isInScope(scope, key as Key))) {
      if (state === undefined || state.kind === 'delete') return MAY_COME
      if (isOlder({ stamp: state.stamp, lastModified: new Date(state.at) }, bound)) return `${key} waits.`
    }
    return undefined
  }

  *#rows(prefix: string, isMeant: (key: string) => boolean): Generator<JournalRow, void, void> {
    let after: string | undefined
    for (;;) {
      const rows = this.#parts.journal.scan({ prefix, after, limit: PAGE })
      for (const row of rows) if (isMeant(row.key)) yield row
      after = rows.at(-1)?.key
      if (rows.length < PAGE) return
    }
  }
}

const AWAY = 'The object store is away.'
const MAY_COME =
  'The object store is still to be told of a delete, or a late request to it may still undo one.'
