import { randomUUID } from 'node:crypto'
import { attributesOf } from '../core/attributes.js'
import { isConditional } from '../core/condition.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Source } from '../core/source.js'
import type { Condition, DeleteOptions, ObjectStat, PutOptions } from '../core/store.js'
import { type AttemptOptions, Attempts } from './attempt.js'
import { checkStat, checkState, primaryCondition } from './conditions.js'
import {
  busyState,
  type Context,
  commit,
  dropLegacy,
  isOurs,
  noteUnknown,
  seenStat,
  settleOvertaken,
  suspicion,
  unknownOf,
} from './context.js'
import { type PutWays, putDurably } from './durable-put.js'
import {
  type JournaledPut,
  type JournaledState,
  type JournalRow,
  mergeUnknown,
  statOfState,
  type Tombstone,
  type UnknownAttempts,
} from './journal.js'
import { RETAINED_BYTES, RetainedSource } from './retained-source.js'
import { type Held, heldFile, type Spooled, spooledSource } from './spool-bytes.js'

/** Puts and deletes: at the primary while it answers and the key is quiet, else in the journal. */
export class Writer {
  readonly attempts: Attempts
  readonly #context: Context
  readonly #ways: PutWays = {
    put: (key, source, options) => this.put(key, source, options),
    journal: (key, source, options) => this.#journalPut(key, source, options, undefined),
  }
  /** Called before the first mutation at the primary: from then on, this process's death is a reason to doubt. */
  readonly #enter: () => Promise<void> | undefined

  constructor(context: Context, enter: () => Promise<void> | undefined) {
    this.#context = context
    this.#enter = enter
    this.attempts = new Attempts(context)
  }

  /** @see Store.put */
  async put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    const context = this.#context
    const row = context.journal.get(key)
    const state = busyState(context, row)
    const conditional = isConditional(options)
    if (state !== undefined) {
      if (options.durability === 'primary') return putDurably(context, this.#ways, key, source, options)
      if (conditional) checkState('put', key, state, options)
      return this.#journalPut(key, source, options, undefined)
    }
    if (this.#isGuarded(key, row) && !mustStay(options)) {
      try {
        return await this.#journalPut(key, source, options, undefined)
      } catch (error) {
        // Where there is no room for a net, a quiet key goes without.
        const goes = row === undefined && !context.availability.writes.open && source.replayable === true
        if (!goes || !StorageError.is(error, 'NO_SPACE') || context.legacy?.holds(key) === true) throw error
      }
    }
    if (context.availability.writes.open) return this.#putWhileAway(key, source, options, undefined)
    const entering = this.#enter()
    if (entering !== undefined) await entering
    if (
      conditional &&
      context.legacy?.holds(key) === true &&
      (await this.#decidedByLegacy('put', key, options))
    ) {
      return this.#journalPut(
        key,
        source,
        { ...options, ifMatch: undefined, ifNoneMatch: undefined },
        undefined,
      )
    }
    return this.#putDirectly(key, source, options)
  }

  /**
   * Decides a condition by an older local file, where the primary has nothing under the key.
   *
   * @returns whether it did; then it holds
   * @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED`
   */
  async #decidedByLegacy(op: string, key: Key, condition: Condition): Promise<boolean> {
    const { availability, legacy, primary } = this.#context
    try {
      if ((await primary.look(key)).object !== undefined) return false
    } catch (error) {
      await availability.isAway(availability.reads, error)
      throw error
    }
    const stat = await legacy?.store.head(key).catch((error: unknown) => {
      if (StorageError.is(error, 'NOT_FOUND')) return undefined
      throw error
    })
    if (stat === undefined) return false
    checkStat(op, key, stat, condition)
    return true
  }

  /** @see Store.delete */
  async delete(key: Key, options: DeleteOptions = {}): Promise<boolean> {
    const context = this.#context
    const row = context.journal.get(key)
    const state = busyState(context, row)
    if (state !== undefined) {
      checkState('delete', key, state, options)
      return this.#journalDelete(key, options, undefined)
    }
    const conditional = options.ifMatch !== undefined
    if (this.#isGuarded(key, row) && !conditional) return this.#journalDelete(key, options, undefined)
    if (context.availability.writes.open) {
      if (conditional) throw context.availability.awayError('delete', key)
      return this.#journalDelete(key, options, undefined)
    }
    const entering = this.#enter()
    if (entering !== undefined) await entering
    const { ifMatch } = options
    if (
      conditional &&
      context.legacy?.holds(key) === true &&
      (await this.#decidedByLegacy('delete', key, { ifMatch }))
    ) {
      return this.#journalDelete(key, { signal: options.signal }, undefined)
    }
    return this.#deleteDirectly(key, options)
  }

  /** Whether a mutation goes through the journal though the primary answers. */
  #isGuarded(key: Key, row: JournalRow | undefined): boolean {
    const context = this.#context
    return (
      row !== undefined ||
      context.settings.writeBehind ||
      suspicion(context) !== undefined ||
      context.legacy?.holds(key) === true
    )
  }

  /** @see isGuarded */
  isGuarded(key: Key): boolean {
    return this.#isGuarded(key, this.#context.journal.get(key))
  }

  async #putDirectly(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    const context = this.#context
    const { store } = context.primary
    const writeId = options.writeId ?? randomUUID()
    const conditional = isConditional(options)
    const condition = conditional ? await this.#translated('put', key, options) : undefined
    let startClock = (): void => {}
    const retained =
      source.replayable === true
        ? undefined
        : new RetainedSource(source, context.openSpill, size => {
            if (size <= RETAINED_BYTES) startClock()
          })
    const attempt: AttemptOptions = {
      op: 'put',
      key,
      signal: options.signal,
      writeId,
      mayBeApplied: () => retained === undefined || retained.end !== undefined,
    }
    try {
      const ended = await this.attempts.run(attempt, start => {
        startClock = start
        if (retained === undefined && (source.size ?? 0) <= RETAINED_BYTES) start()
        return store.put(key, retained?.firstReading() ?? source, withId(options, writeId, condition))
      })
      if (ended.how === 'done') {
        const row = context.journal.get(key)
        if (row !== undefined || mustStay(options)) {
          await this.#applied(key, retained ?? source, options, ended.value)
          await dropLegacy(context, key)
        }
        retained?.finish()
        return seenStat(ended.value)
      }
      const unknown = ended.unknown ? this.attempts.unknown(attempt) : undefined
      const again = retained ?? source
      if (!ended.away || !again.replayable) return await this.#fail(key, ended.error, unknown)
      retained?.readOnceMore()
      return await this.#putWhileAway(key, again, { ...options, writeId }, unknown, ended.error)
    } finally {
      await retained?.close()
    }
  }

  /** Puts what the primary does not take now. */
  async #putWhileAway(
    key: Key,
    source: Source,
    options: PutOptions,
    unknown: UnknownAttempts | undefined,
    error?: unknown,
  ): Promise<ObjectStat> {
    const conditional = isConditional(options)
    if (options.durability !== 'primary' && (!conditional || options.onUnknown === 'accept')) {
      return this.#journalPut(key, source, options, unknown)
    }
    if (unknown !== undefined) {
      const stat = await this.#lookFor(key, options.writeId)
      if (stat !== undefined) {
        await this.#context.cache?.forget(key)
        await this.#applied(key, source, options, stat)
        return stat
      }
    }
    return this.#fail(key, error ?? this.#context.availability.awayError('put', key), unknown)
  }

  /** Whether an attempt in doubt was applied after all, if the primary can be asked. */
  async #lookFor(key: Key, writeId: string | undefined): Promise<ObjectStat | undefined> {
    try {
      const { object } = await this.#context.primary.look(key)
      return object !== undefined && object.writeId === writeId ? seenStat(object) : undefined
    } catch {
      return undefined
    }
  }

  async #fail(key: Key, error: unknown, unknown: UnknownAttempts | undefined): Promise<never> {
    if (unknown !== undefined) await noteUnknown(this.#context, key, unknown)
    throw error
  }

  async #deleteDirectly(key: Key, options: DeleteOptions): Promise<boolean> {
    const context = this.#context
    const { ifMatch, signal } = options
    const conditional = ifMatch !== undefined
    const condition = conditional ? await this.#translated('delete', key, { ifMatch, signal }) : undefined
    const attempt: AttemptOptions = { op: 'delete', key, signal, mayBeApplied: () => true }
    const ended = await this.attempts.run(attempt, startClock => {
      startClock()
      return context.primary.store.delete(key, { ifMatch: condition?.ifMatch, signal })
    })
    if (ended.how === 'done') {
      await this.#appliedDelete(key, conditional)
      return ended.value
    }
    const unknown = ended.unknown ? this.attempts.unknown(attempt) : undefined
    if (!ended.away || conditional) return this.#fail(key, ended.error, unknown)
    return this.#journalDelete(key, options, unknown)
  }

  /** A condition that cannot be decided now is the caller's to try again. */
  async #translated(
    op: string,
    key: Key,
    options: Condition & { signal?: AbortSignal | undefined },
  ): Promise<Condition> {
    const { availability } = this.#context
    const { ifMatch, ifNoneMatch, signal } = options
    try {
      return await primaryCondition(this.#context, op, key, { ifMatch, ifNoneMatch }, { signal })
    } catch (error) {
      await availability.isAway(availability.reads, error)
      throw error
    }
  }

  /**
   * Every put that the primary has applied comes by here before it is acknowledged. One that had to go there, to a
   * key that a late attempt may touch, is kept here too, so that it can be done again. And where the key has become
   * busy meanwhile, it is found out which of the two came first.
   */
  async #applied(key: Key, source: Source, options: PutOptions, stat: ObjectStat): Promise<void> {
    const context = this.#context
    const { journal } = context
    const row = journal.get(key)
    const busy = busyState(context, row)
    const endangered = row !== undefined || suspicion(context) !== undefined
    if (
      busy === undefined ? !(endangered && mustStay(options)) : !(await this.#isNewerThan(row, stat.writeId))
    ) {
      if (busy !== undefined && busy.writeId !== stat.writeId) await settleOvertaken(context, key)
      return
    }
    if (!source.replayable) return
    const written = await context.bytes.write(stat.writeId ?? randomUUID(), source, { key })
    const state: JournaledPut = {
      kind: 'put',
      writeId: stat.writeId ?? randomUUID(),
      stamp: stat.stamp ?? context.clock.next(),
      at: stat.lastModified.getTime(),
      ...written,
      attributes: attributesOf(options.attributes),
    }
    if (await this.#keep(key, row, state)) return
    await context.bytes.remove(written.file)
    await this.#applied(key, source, options, stat)
  }

  async #appliedDelete(key: Key, conditional: boolean): Promise<void> {
    const context = this.#context
    const row = context.journal.get(key)
    const busy = busyState(context, row)
    const endangered = row !== undefined || suspicion(context) !== undefined
    if (busy === undefined ? !(endangered && conditional) : !(await this.#isNewerThan(row, undefined))) {
      if (busy?.kind === 'put') await settleOvertaken(context, key)
      return
    }
    if (!(await this.#keep(key, row, this.#tombstone(row)))) await this.#appliedDelete(key, conditional)
  }

  /**
   * Whether a mutation that the primary has just applied came after the state of a busy key. What was journaled
   * while it was on its way came after it, but for what is there only because it was applied as well.
   */
  async #isNewerThan(row: JournalRow | undefined, writeId: string | undefined): Promise<boolean> {
    if (row?.agreedAt === undefined || row.state?.writeId === writeId) return false
    try {
      const { object } = await this.#context.primary.look(row.key)
      return object?.writeId === writeId
    } catch {
      return false
    }
  }

  /** Keeps what the primary holds until no late attempt can undo it. @returns false if the row has changed */
  async #keep(key: Key, row: JournalRow | undefined, state: JournaledState): Promise<boolean> {
    const context = this.#context
    const { primary } = context
    const unknown = mergeUnknown(unknownOf(context, row), suspicion(context))
    const next = { target: primary.target, state, unknown, agreedAt: primary.now() }
    if (!(await commit(context, key, row, next))) return false
    context.wake(key)
    // Whoever wrote to the primary before this row was there to be seen has the last word.
    const seen = await primary.look(key).catch(() => undefined)
    const mine = state.kind === 'put' ? seen?.object?.writeId === state.writeId : seen?.object === undefined
    if (seen === undefined || mine) return true
    const now = context.journal.get(key)
    if (now?.state?.writeId === state.writeId && now.agreedAt !== undefined) {
      await commit(context, key, now, unknown === undefined ? undefined : { target: primary.target, unknown })
    }
    return true
  }

  /** Acknowledges a put by a durable file and a row. */
  async #journalPut(
    key: Key,
    source: Source,
    options: PutOptions,
    unknown: UnknownAttempts | undefined,
  ): Promise<ObjectStat> {
    const context = this.#context
    const { bytes, journal, primary } = context
    this.#checkCapabilities(key, options)
    const writeId = options.writeId ?? randomUUID()
    const { written, release } = await this.#writeBytes(key, source, writeId, options)
    let kept = false
    try {
      for (;;) {
        const row = journal.get(key)
        const busy = busyState(context, row)
        if (isConditional(options)) {
          if (busy !== undefined) checkState('put', key, busy, options)
          else if (options.onUnknown !== 'accept') return await this.#putAgain(key, written, options)
        }
        const state: JournaledPut = {
          kind: 'put',
          writeId,
          stamp: options.stamp ?? context.clock.next(isOurs(context, row) ? row.state?.stamp : undefined),
          at: primary.now(),
          file: written.file,
          size: written.size,
          sha256: written.sha256,
          attributes: attributesOf(options.attributes),
          ...(busy === undefined &&
            isConditional(options) && {
              condition: { ifMatch: options.ifMatch, ifNoneMatch: options.ifNoneMatch },
            }),
        }
        const attempts = mergeUnknown(mergeUnknown(unknownOf(context, row), unknown), suspicion(context))
        const next = { target: primary.target, state, unknown: attempts }
        kept = await commit(context, key, row, next, { content: heldIn(written) })
        if (!kept) continue
        context.wake(key)
        return statOfState(key, state, bytes.pathOf(written.file))
      }
    } catch (error) {
      // A commit that failed in doubt may turn up at the next start, and then needs its bytes.
      kept = StorageError.is(error) && error.op === 'commit' && error.code !== 'NO_SPACE'
      throw error
    } finally {
      if (!kept) await bytes.remove(written.file).catch(() => {})
      release()
    }
  }

  /**
   * The acknowledged state that was to decide a condition has reached the primary meanwhile, which decides it now.
   * The content is on the disk already, or in memory.
   */
  async #putAgain(key: Key, written: Spooled | Held, options: PutOptions): Promise<ObjectStat> {
    const held = heldIn(written)
    const file =
      held === undefined ? await this.#context.bytes.open(written.file, key) : heldFile(held.content)
    const source = spooledSource(file)
    try {
      return await this.put(key, source, options)
    } finally {
      await source.close()
    }
  }

  /** @returns the file, and what gives up the space that was set aside for it, once it is counted or removed */
  async #writeBytes(
    key: Key,
    source: Source,
    writeId: string,
    options: PutOptions,
  ): Promise<{ written: Spooled | Held; release: () => void }> {
    const { bytes, totals } = this.#context
    const { sha256, signal } = options
    const known = source.size
    const releaseKnown = await totals.reserve(known ?? 0)
    const counted = known === undefined ? new CountedSource(source, totals) : source
    const release = (): void => {
      releaseKnown()
      if (counted instanceof CountedSource) counted.free()
    }
    try {
      const held = totals.mayHold ? await bytes.hold(counted, { key, sha256, signal }) : undefined
      const written = held ?? (await bytes.write(writeId, counted, { key, sha256, signal }))
      return { written, release }
    } catch (error) {
      release()
      throw error
    }
  }

  async #journalDelete(
    key: Key,
    options: DeleteOptions,
    unknown: UnknownAttempts | undefined,
  ): Promise<boolean> {
    const context = this.#context
    for (;;) {
      const row = context.journal.get(key)
      const busy = busyState(context, row)
      if (options.ifMatch !== undefined) {
        if (busy === undefined) return this.delete(key, options)
        checkState('delete', key, busy, options)
      }
      const attempts = mergeUnknown(mergeUnknown(unknownOf(context, row), unknown), suspicion(context))
      const next = { target: context.primary.target, state: this.#tombstone(row), unknown: attempts }
      if (!(await commit(context, key, row, next))) continue
      context.wake(key)
      return busy?.kind !== 'delete'
    }
  }

  #tombstone(row: JournalRow | undefined): Tombstone {
    const { clock, primary } = this.#context
    const seen = isOurs(this.#context, row) ? row.state?.stamp : undefined
    return { kind: 'delete', writeId: randomUUID(), stamp: clock.next(seen), at: primary.now() }
  }

  /** What the primary would refuse is not acknowledged here. */
  #checkCapabilities(key: Key, options: PutOptions): void {
    const { capabilities, kind } = this.#context.primary.store
    const { storageClass, tags } = options.attributes
    const what =
      storageClass !== undefined && !capabilities.storageClasses
        ? 'storage classes'
        : tags !== undefined && !capabilities.tags
          ? 'tags'
          : undefined
    if (what === undefined) return
    const message = `The ${kind} store has no ${what}.`
    throw new StorageError({ code: 'UNSUPPORTED', op: 'put', key, store: kind, message })
  }
}

/** Content of unknown length: space is set aside for it piece by piece. */
class CountedSource implements Source {
  readonly size = undefined
  readonly #source: Source
  readonly #totals: Context['totals']
  readonly #releases: (() => void)[] = []
  #counted = 0

  constructor(source: Source, totals: Context['totals']) {
    this.#source = source
    this.#totals = totals
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = await this.#source.read(offset, length)
    const more = offset + bytes.length - this.#counted
    if (more > 0) {
      this.#releases.push(await this.#totals.reserve(more))
      this.#counted += more
    }
    return bytes
  }

  release(offset: number): void {
    this.#source.release(offset)
  }

  free(): void {
    for (const release of this.#releases) release()
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}

/** The content that is to be committed with its row, if it was not written to a file. */
function heldIn(written: Spooled | Held): Held | undefined {
  return 'content' in written ? written : undefined
}

/** Whether a put goes to the primary even where a late attempt could undo it, and so is kept here as well. */
function mustStay(options: PutOptions): boolean {
  return isConditional(options) || options.durability === 'primary'
}

/** Spelled out: a spread of options takes longer than all of them together. */
function withId(options: PutOptions, writeId: string, condition: Condition | undefined): PutOptions {
  const { attributes, sha256, stamp, signal } = options
  return condition === undefined
    ? { attributes, sha256, stamp, signal, writeId }
    : {
        attributes,
        sha256,
        stamp,
        signal,
        writeId,
        ifMatch: condition.ifMatch,
        ifNoneMatch: condition.ifNoneMatch,
      }
}
