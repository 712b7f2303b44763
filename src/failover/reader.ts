import type { Tags } from '../core/attributes.js'
import { isConditional } from '../core/condition.js'
import { StorageError, shown } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { GetOptions, ObjectStat, OpenObject, OperationOptions } from '../core/store.js'
import { CachedReader } from './cached-reader.js'
import { checkStat, checkState } from './conditions.js'
import { busyState, type Context, seenStat } from './context.js'
import { type JournaledPut, type JournalRow, statOfState } from './journal.js'
import { openSpooled, rotten } from './spool-bytes.js'
import { required } from './tagging.js'

/** Reads: a busy key here, any other at the primary, and what was here before the primary where that has none. */
export class Reader {
  readonly #context: Context
  /** Where copies of quiet keys are kept. */
  readonly #cached: CachedReader | undefined

  constructor(context: Context) {
    this.#context = context
    const { cache } = context
    this.#cached = cache === undefined ? undefined : new CachedReader(context, cache)
  }

  /** @see Store.get */
  async get(key: Key, options: GetOptions = {}): Promise<OpenObject> {
    const { journal, availability, primary } = this.#context
    if (!availability.reads.open && !isConditional(options) && journal.get(key) === undefined) {
      // What nearly every read is, kept short.
      try {
        const ask = (): Promise<OpenObject> => primary.store.get(key, options)
        const object = await (this.#cached === undefined ? ask() : this.#cached.get(key, options, ask))
        availability.reads.succeeded()
        return seenObject(object)
      } catch (error) {
        return this.#elsewhere(
          'get',
          key,
          undefined,
          () => Promise.reject(error),
          noHeld,
          () => this.#cached?.getWhileAway(key, options),
          () => this.#context.legacy?.store.get(key, options),
        )
      }
    }
    for (let last: JournalRow | undefined; ; ) {
      const row = this.#context.journal.get(key)
      const state = this.#stateOf('get', key, row)
      if (state === undefined) return this.#getElsewhere(key, row, options)
      checkState('get', key, state, options)
      try {
        return await openSpooled(this.#context.bytes, key, state, options)
      } catch (error) {
        // A file that is gone because its row is, is looked for again where the row now says.
        if (!StorageError.is(error, 'INTEGRITY') || row?.revision === last?.revision) throw error
        last = row
      }
    }
  }

  /** @see Store.head */
  async head(key: Key, options: OperationOptions = {}): Promise<ObjectStat> {
    const row = this.#context.journal.get(key)
    const state = this.#stateOf('head', key, row)
    if (state !== undefined) return statOfState(key, state, this.#context.bytes.pathOf(state.file))
    return this.#elsewhere(
      'head',
      key,
      row,
      async () => {
        const stat = await this.#context.primary.store.head(key, options)
        if (row === undefined) await this.saw(key, stat)
        return seenStat(stat)
      },
      held => statOfState(key, held, this.#context.bytes.pathOf(held.file)),
      () => this.#cached?.headWhileAway(key),
      () => this.#context.legacy?.store.head(key, options),
    )
  }

  /** @see Store.getTags */
  async tags(key: Key, options: OperationOptions = {}): Promise<Tags> {
    const row = this.#context.journal.get(key)
    const state = this.#stateOf('tags', key, row)
    if (state !== undefined) return state.attributes.tags ?? {}
    const { legacy, primary } = this.#context
    return this.#elsewhere(
      'tags',
      key,
      row,
      async () => required(primary.store, 'getTags')(key, options),
      held => held.attributes.tags ?? {},
      // A copy is made by a read, which does not tell them.
      () => undefined,
      () => legacy?.store.getTags?.(key, options),
    )
  }

  /** Takes note of what the primary holds under a quiet key, as it has just said. */
  async saw(key: Key, object: ObjectStat | undefined): Promise<void> {
    if (object === undefined) await this.#context.cache?.forget(key)
    else await this.#cached?.saw(key, object)
  }

  /** The acknowledged bytes of a busy key; undefined where the primary is to be asked. @throws `NOT_FOUND`, `INTEGRITY` */
  #stateOf(op: string, key: Key, row: JournalRow | undefined): JournaledPut | undefined {
    const state = busyState(this.#context, row)
    if (state === undefined) return undefined
    if (state.kind === 'delete') throw notFound(op, key)
    if (row?.parked?.code === 'INTEGRITY') throw rotten(key, 'is damaged or missing')
    return state
  }

  #getElsewhere(key: Key, row: JournalRow | undefined, options: GetOptions): Promise<OpenObject> {
    const { bytes, legacy } = this.#context
    return this.#elsewhere(
      'get',
      key,
      row,
      async () => {
        const ask = (): Promise<OpenObject> => this.#getFromPrimary(key, options)
        const cached = row === undefined ? this.#cached : undefined
        return seenObject(await (cached === undefined ? ask() : cached.get(key, options, ask)))
      },
      held => {
        checkState('get', key, held, options)
        return openSpooled(bytes, key, held, options)
      },
      () => this.#cached?.getWhileAway(key, options),
      () => legacy?.store.get(key, options),
    )
  }

  async #getFromPrimary(key: Key, options: GetOptions): Promise<OpenObject> {
    const { store } = this.#context.primary
    const { range, signal } = options
    if (!isConditional(options)) return store.get(key, { range, signal })
    // Conditions are in write ids, which the primary cannot compare: it is asked which object it has first.
    for (let again = true; ; again = false) {
      const stat = await store.head(key, { signal })
      checkStat('get', key, stat, options)
      try {
        return await store.get(key, { range, signal, ifMatch: stat.etag })
      } catch (error) {
        if (!again || !StorageError.is(error, 'PRECONDITION_FAILED')) throw error
      }
    }
  }

  /**
   * Asks the primary; where it has nothing or is away, entries for another bucket and older local files serve. Where
   * it is away, a copy of what it had last comes before those.
   */
  async #elsewhere<T>(
    op: string,
    key: Key,
    row: JournalRow | undefined,
    fromPrimary: () => Promise<T>,
    fromHeld: (state: JournaledPut) => T | Promise<T>,
    fromCache: () => Promise<T | undefined> | undefined,
    fromLegacy: () => Promise<T> | undefined,
  ): Promise<T> {
    const { availability } = this.#context
    const { reads } = availability
    let problem: unknown
    let missing = false
    if (reads.open) problem = availability.awayError(op, key)
    else {
      try {
        const found = await fromPrimary()
        reads.succeeded()
        return found
      } catch (error) {
        missing = StorageError.is(error, 'NOT_FOUND')
        const isAway = await availability.isAway(reads, error)
        if (!isAway && !missing) throw error
        problem = isAway ? availability.outageError(op, key, error) : error
      }
    }
    if (row === undefined) {
      if (missing) await this.saw(key, undefined)
      else {
        const copy = await fromCache()
        if (copy !== undefined) return copy
      }
    }
    // A held tombstone hides what lies below it, as it did in its own bucket.
    if (row?.state?.kind === 'put' && row.superseded !== true) return fromHeld(row.state)
    if (row?.state !== undefined) throw problem
    if (this.#context.legacy?.holds(key) !== true) throw problem
    try {
      return (await fromLegacy()) ?? (await Promise.reject(problem))
    } catch (error) {
      throw StorageError.is(error, 'NOT_FOUND') ? problem : error
    }
  }
}

function noHeld(): never {
  throw new Error('A quiet key has no held entry.')
}

export function notFound(op: string, key: Key): StorageError {
  return new StorageError({
    code: 'NOT_FOUND',
    op,
    key,
    store: 'local',
    message: `There is no object ${shown(key)}.`,
  })
}

/** The stat is copied: the body still checks what it reads against the primary's own ETag. */
export function seenObject(object: OpenObject): OpenObject {
  const { writeId } = object.stat
  return writeId === undefined ? object : { ...object, stat: { ...object.stat, etag: writeId } }
}
