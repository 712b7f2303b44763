import type { Tags } from '../core/attributes.js'
import { isConditional } from '../core/condition.js'
import type { Key } from '../core/key.js'
import { OnceMore } from '../core/once-more.js'
import type { Source } from '../core/source.js'
import type { Condition, DeleteOptions, ObjectStat, OperationOptions, PutOptions } from '../core/store.js'
import { newWriteId } from '../core/write-id.js'
import { type AttemptOptions, Attempts } from './attempt.js'
import { checkStat, checkState, primaryCondition } from './conditions.js'
import {
  busyState,
  type Context,
  dropLegacy,
  isDiskFailure,
  legacyStat,
  noteUnknown,
  seenStat,
  suspicion,
} from './context.js'
import { putDurably } from './durable-put.js'
import type { JournalRow, UnknownAttempts } from './journal.js'
import { type Elsewhere, Journaling } from './journaling.js'
import { Keeping, mustStay } from './keeping.js'
import { troubleOf } from './primary.js'
import { RETAINED_BYTES, RetainedSource } from './retained-source.js'
import { setTags } from './tagging.js'

/** Puts and deletes: at the primary while it answers and the key is quiet, else in the journal. */
export class Writer implements Elsewhere {
  readonly attempts: Attempts
  readonly #context: Context
  readonly #journaling: Journaling
  readonly #keeping: Keeping
  /** Called before the first mutation at the primary: from then on, this process's death is a reason to doubt. */
  readonly #enter: () => Promise<void> | undefined

  constructor(context: Context, enter: () => Promise<void> | undefined) {
    this.#context = context
    this.#enter = enter
    this.attempts = new Attempts(context)
    this.#journaling = new Journaling(context, this)
    this.#keeping = new Keeping(context, this.#journaling)
  }

  /** @see Store.put */
  async put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    const context = this.#context
    const row = context.journal.get(key)
    const state = busyState(context, row)
    const conditional = isConditional(options)
    if (state !== undefined) {
      if (options.durability === 'primary')
        return putDurably(context, this, this.#journaling, key, source, options)
      if (conditional) checkState('put', key, state, options)
      return this.#journaling.put(key, source, options)
    }
    if (this.#isGuarded(key, row) && !mustStay(options)) {
      const again = source.replayable === true ? undefined : new OnceMore(source)
      try {
        return await this.#journaling.put(key, again ?? source, options)
      } catch (error) {
        if (again?.readable === false || !this.#goesWithoutNet(key, row, error)) throw error
      }
    }
    if (context.availability.writes.open) return this.#putWhileAway(key, source, options, undefined)
    const entering = this.#enter()
    if (entering !== undefined) await entering
    let condition: Condition | undefined
    try {
      if (conditional && (await this.#decidedByLegacy('put', key, options))) {
        const decided = { ...options, ifMatch: undefined, ifNoneMatch: undefined }
        return await this.#journaling.put(key, source, decided)
      }
      if (conditional) condition = await primaryCondition(context, 'put', key, options, options)
    } catch (error) {
      // Found out by asking for the condition: nothing of the put was sent.
      if (options.onUnknown !== 'accept' || troubleOf(error) !== 'away') throw error
      return this.#putWhileAway(key, source, options, undefined, error)
    }
    return this.#putDirectly(key, source, options, condition)
  }

  /**
   * Decides a condition by an older local file, where the primary has nothing under the key.
   *
   * @returns whether it did; then it holds
   * @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED`
   */
  async #decidedByLegacy(op: string, key: Key, condition: Condition): Promise<boolean> {
    const { availability, legacy, primary } = this.#context
    if (legacy?.holds(key) !== true) return false
    const { object } = await availability.require(availability.reads, op, key, () => primary.look(key))
    if (object !== undefined) return false
    const stat = await legacyStat(this.#context, key)
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
      return this.#journaling.delete(key, options, undefined)
    }
    const conditional = options.ifMatch !== undefined
    if (this.#isGuarded(key, row) && !conditional) {
      try {
        return await this.#journaling.delete(key, options, undefined)
      } catch (error) {
        if (!this.#goesWithoutNet(key, row, error)) throw error
      }
    }
    if (context.availability.writes.open) {
      if (conditional) throw context.availability.awayError('delete', key)
      return this.#journaling.delete(key, options, undefined)
    }
    const entering = this.#enter()
    if (entering !== undefined) await entering
    const { ifMatch } = options
    if (conditional && (await this.#decidedByLegacy('delete', key, { ifMatch }))) {
      return this.#journaling.delete(key, { signal: options.signal }, undefined)
    }
    return this.#deleteDirectly(key, options)
  }

  /** @see Store.setTags */
  setTags(key: Key, tags: Tags, options?: OperationOptions): Promise<void> {
    return setTags(this.#context, this.#journaling, key, tags, options)
  }

  /**
   * Whether a mutation goes through the journal though the primary answers.
   *
   * @param isDirect of one that write-behind leaves to the primary, such as a conditional one
   */
  #isGuarded(key: Key, row: JournalRow | undefined, isDirect = false): boolean {
    const context = this.#context
    return (
      row !== undefined ||
      (context.settings.writeBehind && !isDirect) ||
      suspicion(context) !== undefined ||
      context.legacy?.holds(key) === true
    )
  }

  /** Whether what could not be acknowledged here goes to the primary: a quiet key does, where the disk has no room for a net, or fails. */
  #goesWithoutNet(key: Key, row: JournalRow | undefined, error: unknown): boolean {
    const { availability, legacy } = this.#context
    if (row !== undefined || availability.writes.open || legacy?.holds(key) === true) return false
    return isDiskFailure(error)
  }

  /** @see isGuarded */
  isGuarded(key: Key, isDirect?: boolean): boolean {
    return this.#isGuarded(key, this.#context.journal.get(key), isDirect)
  }

  /** @param condition the one of `options`, as the primary takes it */
  async #putDirectly(
    key: Key,
    source: Source,
    options: PutOptions,
    condition: Condition | undefined,
  ): Promise<ObjectStat> {
    const context = this.#context
    const { store } = context.primary
    const writeId = options.writeId ?? newWriteId(options.attributes.expiresAt)
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
          await this.#keeping.applied(key, retained ?? source, options, ended.value)
          await dropLegacy(context, key)
        }
        retained?.finish()
        return seenStat(ended.value)
      }
      const unknown = ended.unknown ? this.attempts.unknown(attempt) : undefined
      const again = retained ?? source
      if (!ended.away || !again.replayable) return await this.#fail(key, ended.told, unknown)
      retained?.readOnceMore()
      return await this.#putWhileAway(key, again, { ...options, writeId }, unknown, ended.told)
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
      return this.#journaling.put(key, source, options, { unknown })
    }
    const told = error ?? this.#context.availability.awayError('put', key)
    return this.settlePut(key, source, options, unknown, told)
  }

  /** Tells a put that is not acknowledged here whether the primary has applied it after all. */
  async settlePut(
    key: Key,
    source: Source,
    options: PutOptions,
    unknown: UnknownAttempts | undefined,
    error: unknown,
  ): Promise<ObjectStat> {
    const stat = unknown === undefined ? undefined : await this.#lookFor(key, options.writeId)
    if (stat === undefined) return this.#fail(key, error, unknown)
    await this.#context.cache?.forget(key)
    await this.#keeping.applied(key, source, options, stat)
    return stat
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
    const condition = conditional
      ? await primaryCondition(context, 'delete', key, options, options)
      : undefined
    const attempt: AttemptOptions = { op: 'delete', key, signal, mayBeApplied: () => true }
    const ended = await this.attempts.run(attempt, startClock => {
      startClock()
      return context.primary.store.delete(key, { ifMatch: condition?.ifMatch, signal })
    })
    if (ended.how === 'done') {
      await this.#keeping.appliedDelete(key, conditional)
      return ended.value
    }
    const unknown = ended.unknown ? this.attempts.unknown(attempt) : undefined
    if (!ended.away || conditional) return this.#fail(key, ended.told, unknown)
    return this.#journaling.delete(key, options, unknown)
  }
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
