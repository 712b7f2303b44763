import pLimit from 'p-limit'
import { type Attributes, attributesOf, type Tags } from '../core/attributes.js'
import { isConditional } from '../core/condition.js'
import { StorageError, throwIfAborted } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { openSource, type Source } from '../core/source.js'
import type {
  Capabilities,
  CopyOptions,
  DeleteManyResult,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectStat,
  OpenObject,
  OperationOptions,
  PresignOptions,
  PutOptions,
  Store,
  StorePage,
  ThawOptions,
} from '../core/store.js'
import { newWriteId } from '../core/write-id.js'
import { primaryCondition } from './conditions.js'
import { busyState, type Context, noteUnknown, seenStat, settleOvertaken } from './context.js'
import { SEVERAL } from './journal.js'
import { MergedListing } from './listing.js'
import { Reader } from './reader.js'
import { thaw } from './tagging.js'
import { Writer } from './writer.js'

const CONCURRENCY = 16

export interface FailoverParts {
  readonly context: Context
  /** Registers this process before its first mutation at the primary. */
  readonly enter: () => Promise<void> | undefined
  /** Signs URLs of our own, for what the bucket cannot serve now. */
  readonly presignHere?: ((key: Key, options: PresignOptions) => Promise<string>) | undefined
  /** Whether they are signed for what the bucket could serve too: only a URL of ours outlives an outage. */
  readonly presignsAllHere?: boolean | undefined
  /** Ends what belongs to it, the primary included. */
  readonly close: () => Promise<void>
}

/**
 * A primary object store, and the local disk where it fails. A key is quiet (everything goes to the primary),
 * busy (the journal holds an acknowledged state that the primary has not been seen to hold, or that a late
 * attempt could undo: it is read and written here), or wary (an attempt in doubt is noted: it is read at the
 * primary, and written here).
 */
export class FailoverStore implements Store {
  readonly kind: Store['kind']
  readonly writer: Writer
  readonly #context: Context
  readonly #parts: FailoverParts
  readonly #reader: Reader
  readonly #listing: MergedListing
  #closing: Promise<void> | undefined

  constructor(parts: FailoverParts) {
    this.#parts = parts
    this.#context = parts.context
    this.kind = parts.context.primary.store.kind
    this.writer = new Writer(parts.context, parts.enter)
    this.#reader = new Reader(parts.context)
    this.#listing = new MergedListing(parts.context, async (key, signal) => {
      const { object } = await parts.context.primary.look(key, { signal })
      return object === undefined ? undefined : seenStat(object)
    })
  }

  get capabilities(): Capabilities {
    return this.#context.primary.store.capabilities
  }

  async put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    this.#begin('put', key, options)
    return this.writer.put(key, source, options)
  }

  async get(key: Key, options?: GetOptions): Promise<OpenObject> {
    this.#begin('get', key, options)
    return this.#reader.get(key, options)
  }

  async head(key: Key, options?: OperationOptions): Promise<ObjectStat> {
    this.#begin('head', key, options)
    return this.#reader.head(key, options)
  }

  async delete(key: Key, options?: DeleteOptions): Promise<boolean> {
    this.#begin('delete', key, options)
    return this.writer.delete(key, options)
  }

  async list(options?: ListOptions): Promise<StorePage> {
    this.#begin('list', undefined, options)
    return this.#listing.list(options)
  }

  /** Copies at the primary where both keys are quiet; else by reading the source and putting it. */
  async copy(from: Key, to: Key, given: CopyOptions = {}): Promise<ObjectStat> {
    this.#begin('copy', to, given)
    // One name for all its attempts, by which one that was carried out without an answer is known again.
    const options = { ...given, writeId: given.writeId ?? newWriteId(given.attributes?.expiresAt) }
    const context = this.#context
    const { store } = context.primary
    const { reads, writes } = context.availability
    const quiet = context.journal.get(from) === undefined && context.legacy?.holds(from) !== true
    if (
      quiet &&
      !this.writer.isGuarded(to, isConditional(options)) &&
      !reads.open &&
      !writes.open &&
      store.copy !== undefined
    ) {
      const copied = await this.#copyAtPrimary(from, to, options)
      if (copied !== undefined) return copied
    }
    const { attributes, writeId, sourceIfMatch, ifMatch, ifNoneMatch, signal } = options
    const object = await this.get(from, { ifMatch: sourceIfMatch, signal })
    const source = await openSource(object.body, { size: object.stat.size, signal })
    try {
      const carried = await this.#withTags(
        from,
        attributes ?? attributesOf(object.stat),
        object.stat,
        options,
      )
      const { sha256 } = object.stat
      return await this.put(to, source, {
        attributes: carried,
        sha256,
        writeId,
        ifMatch,
        ifNoneMatch,
        signal,
      })
    } finally {
      await source.close()
    }
  }

  /** What a copy carries, with the tags of its source, which not every store tells with the object. */
  async #withTags(
    from: Key,
    carried: Attributes,
    { tags, tagCount = 0 }: ObjectStat,
    { signal }: OperationOptions,
  ): Promise<Attributes> {
    if (carried.tags !== undefined || (tags === undefined && tagCount === 0)) return carried
    return { ...carried, tags: tags ?? (await this.#reader.tags(from, { signal })) }
  }

  /** @returns undefined if the primary does not do it now */
  async #copyAtPrimary(from: Key, to: Key, options: CopyOptions): Promise<ObjectStat | undefined> {
    const context = this.#context
    const { store } = context.primary
    const { signal, sourceIfMatch, ifMatch, ifNoneMatch } = options
    const source = await primaryCondition(context, 'copy', from, { ifMatch: sourceIfMatch }, { signal })
    const isSame = from === to && ifMatch === sourceIfMatch && ifNoneMatch === undefined
    const target = isSame
      ? source
      : await primaryCondition(context, 'copy', to, { ifMatch, ifNoneMatch }, { signal })
    const entering = this.#parts.enter()
    if (entering !== undefined) await entering
    const { attempts } = this.writer
    const attempt = { op: 'copy', key: to, signal, writeId: SEVERAL, mayBeApplied: () => true }
    const ended = await attempts.run(attempt, () =>
      (store.copy as NonNullable<Store['copy']>)(from, to, {
        attributes: options.attributes,
        writeId: options.writeId,
        signal,
        ...target,
        sourceIfMatch: source.ifMatch,
      }),
    )
    if (ended.how === 'done') {
      if (busyState(context, context.journal.get(to)) !== undefined) await settleOvertaken(context, to)
      return seenStat(ended.value)
    }
    if (ended.unknown) await noteUnknown(context, to, attempts.unknown(attempt))
    if (!ended.away) throw ended.error
    return undefined
  }

  /** Removes many: in one request where the keys are quiet, each as {@link delete} does where they are not. */
  async deleteMany(keys: readonly Key[], options: OperationOptions = {}): Promise<DeleteManyResult> {
    this.#begin('deleteMany', undefined, options)
    const context = this.#context
    const { store } = context.primary
    const { signal } = options
    const isAlone = context.availability.writes.open || store.deleteMany === undefined
    const together: Key[] = []
    const alone: Key[] = []
    // Asked once of each key: another process may change the answer at any time.
    for (const key of keys) (isAlone || this.writer.isGuarded(key) ? alone : together).push(key)
    const failed = new Map<Key, Error>()
    const retried: Key[] = []
    if (together.length > 0) {
      for (const [key, error] of await this.#deleteTogether(together, signal)) {
        if (error === undefined) retried.push(key)
        else failed.set(key, error)
      }
    }
    const limit = pLimit(CONCURRENCY)
    const deleteOne = async (key: Key): Promise<void> => {
      try {
        await this.delete(key, { signal })
      } catch (error) {
        if (!StorageError.is(error) || error.code === 'ABORTED') throw error
        failed.set(key, error)
      }
    }
    await Promise.all([...alone, ...retried].map(key => limit(deleteOne, key)))
    return { deleted: keys.length - failed.size, failed: [...failed].map(([key, error]) => ({ key, error })) }
  }

  /** @returns the keys that were not deleted: with what was wrong, or undefined if that was the primary being away */
  async #deleteTogether(
    keys: readonly Key[],
    signal: AbortSignal | undefined,
  ): Promise<Map<Key, Error | undefined>> {
    const context = this.#context
    const { availability, primary } = context
    const { store } = primary
    const entering = this.#parts.enter()
    if (entering !== undefined) await entering
    const left = new Map<Key, Error | undefined>()
    const { attempts } = this.writer
    const first = keys[0] as Key
    const attempt = { op: 'delete', key: first, keys, signal, mayBeApplied: () => true }
    const ended = await attempts.run(attempt, () =>
      (store.deleteMany as NonNullable<Store['deleteMany']>)(keys, { signal }),
    )
    if (ended.how === 'failed') {
      if (ended.unknown)
        await Promise.all(keys.map(key => noteUnknown(context, key, attempts.unknown(attempt))))
      if (!ended.away) throw ended.error
      for (const key of keys) left.set(key, undefined)
      return left
    }
    for (const { key, error } of ended.value.failed) {
      const away = await availability.isAway(availability.writes, error)
      left.set(key as Key, away ? undefined : error)
      if (away && primary.outcomeOf(error) === 'unknown')
        await noteUnknown(context, key as Key, attempts.unknown(attempt))
    }
    for (const key of keys) {
      if (left.has(key)) continue
      if (busyState(context, context.journal.get(key)) !== undefined) await settleOvertaken(context, key)
    }
    return left
  }

  async getTags(key: Key, options?: OperationOptions): Promise<Tags> {
    this.#begin('tags', key, options)
    return this.#reader.tags(key, options)
  }

  async setTags(key: Key, tags: Tags, options?: OperationOptions): Promise<void> {
    this.#begin('tags', key, options)
    return this.writer.setTags(key, tags, options)
  }

  async thaw(key: Key, options: ThawOptions): Promise<ObjectStat> {
    this.#begin('thaw', key, options)
    return thaw(this.#context, key, options)
  }

  /**
   * A URL of ours, where they are signed for everything; else the primary's own while it is healthy and the key
   * quiet. `direct` asks for the primary's own in any case, `own` for one of ours.
   */
  async presign(key: Key, options: PresignOptions): Promise<string> {
    this.#begin('presign', key, undefined)
    const { presignHere, presignsAllHere } = this.#parts
    if (options.direct !== true && presignHere !== undefined) {
      const { method } = options
      const quiet = method === 'GET' ? this.#readsQuietly(key) : this.#writesQuietly(key)
      if (presignsAllHere === true || options.own === true || !quiet) return presignHere(key, options)
    }
    const { store } = this.#context.primary
    if (store.presign !== undefined) return store.presign(key, options)
    throw new StorageError({
      code: 'UNSUPPORTED',
      op: 'presign',
      key,
      message: `The ${store.kind} store signs no URLs.`,
    })
  }

  /**
   * What the primary holds under a quiet key, as it says just now: whoever is told of it can read it there.
   * Undefined where the object is to be read here, as what the read cache keeps is, which is filled by that; or where
   * it is not there to be read.
   */
  async look(key: Key, options: OperationOptions = {}): Promise<ObjectStat | undefined> {
    this.#begin('head', key, options)
    const { primary, availability, cache } = this.#context
    if (!this.#readsQuietly(key) || (cache?.keeps === true && cache.holds(key))) return undefined
    try {
      const { object } = await primary.look(key, options)
      availability.reads.succeeded()
      await this.#reader.saw(key, object)
      if (object === undefined || cache?.takes(object.size) === true) return undefined
      return this.#readsQuietly(key) ? seenStat(object) : undefined
    } catch (error) {
      // The read that follows meets it again, and has more to go by.
      await availability.isAway(availability.reads, error)
      return undefined
    }
  }

  /** The primary's own URL of an object that {@link look} has just told of; undefined if it is to be read here by now. */
  async presignQuiet(key: Key, options: PresignOptions): Promise<string | undefined> {
    return this.#readsQuietly(key) ? this.presign(key, { ...options, direct: true }) : undefined
  }

  /** Whether the key is read at the primary, and nothing here has a say in it. */
  #readsQuietly(key: Key): boolean {
    const { availability, journal, legacy } = this.#context
    return !availability.reads.open && journal.get(key) === undefined && legacy?.holds(key) !== true
  }

  /** Whether the key is written at the primary, and nothing here has to come between. */
  #writesQuietly(key: Key): boolean {
    return !this.#context.availability.writes.open && !this.writer.isGuarded(key)
  }

  close(): Promise<void> {
    this.#closing ??= this.#parts.close()
    return this.#closing
  }

  /** What every operation begins with. */
  #begin(op: string, key: Key | undefined, options: OperationOptions | undefined): void {
    if (this.#closing !== undefined) {
      const message = 'The store is closed.'
      throw new StorageError({ code: 'UNAVAILABLE', op, key, store: this.kind, message, retryable: false })
    }
    if (options?.signal !== undefined) throwIfAborted(options.signal, op, key)
  }
}
