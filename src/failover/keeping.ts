import { randomUUID } from 'node:crypto'
import { attributesOf } from '../core/attributes.js'
import { isConditional } from '../core/condition.js'
import type { Key } from '../core/key.js'
import type { Source } from '../core/source.js'
import type { ObjectStat, PutOptions } from '../core/store.js'
import { isInDoubt } from '../stores/local/commit-error.js'
import {
  busyState,
  type Context,
  commit,
  isDiskFailure,
  settleOvertaken,
  suspicion,
  unknownOf,
} from './context.js'
import { type JournaledPut, type JournaledState, type JournalRow, mergeUnknown } from './journal.js'
import type { Journaling } from './journaling.js'
import type { Spooled } from './spool-bytes.js'

/** What becomes of mutations that the primary has applied, where a late attempt or another write could undo them. */
export class Keeping {
  readonly #context: Context
  readonly #journaling: Journaling

  constructor(context: Context, journaling: Journaling) {
    this.#context = context
    this.#journaling = journaling
  }

  /**
   * Every put that the primary has applied comes by here before it is acknowledged. One that had to go there, to a
   * key that a late attempt may touch, is kept here too, so that it can be done again. And where the key has become
   * busy meanwhile, it is found out which of the two came first.
   */
  async applied(key: Key, source: Source, options: PutOptions, stat: ObjectStat): Promise<void> {
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
    let written: Spooled | undefined
    try {
      written = await context.bytes.write(stat.writeId ?? randomUUID(), source, { key })
      const state: JournaledPut = {
        kind: 'put',
        writeId: stat.writeId ?? randomUUID(),
        stamp: stat.stamp ?? context.clock.next(),
        at: stat.lastModified.getTime(),
        ...written,
        attributes: attributesOf(options.attributes),
      }
      if (await this.#keep(key, row, state)) return
    } catch (error) {
      if (written !== undefined && !isInDoubt(error)) await context.bytes.remove(written.file).catch(() => {})
      return this.#goesWithoutNet(key, row, error)
    }
    await context.bytes.remove(written.file)
    await this.applied(key, source, options, stat)
  }

  /** What the disk fails to keep of a quiet key is left to the primary, which holds it. @throws the error, of any other */
  #goesWithoutNet(key: Key, row: JournalRow | undefined, error: unknown): void {
    if (row !== undefined || !isDiskFailure(error)) throw error
    this.#context.logger.warn(
      { key },
      `What the object store holds could not be kept here too: ${String(error)}`,
    )
  }

  /** {@link applied} for a delete. */
  async appliedDelete(key: Key, conditional: boolean): Promise<void> {
    const context = this.#context
    const row = context.journal.get(key)
    const busy = busyState(context, row)
    const endangered = row !== undefined || suspicion(context) !== undefined
    if (busy === undefined ? !(endangered && conditional) : !(await this.#isNewerThan(row, undefined))) {
      if (busy?.kind === 'put') await settleOvertaken(context, key)
      return
    }
    let isKept: boolean
    try {
      isKept = await this.#keep(key, row, this.#journaling.tombstone(row))
    } catch (error) {
      return this.#goesWithoutNet(key, row, error)
    }
    if (!isKept) await this.appliedDelete(key, conditional)
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
}

/** Whether a put goes to the primary even where a late attempt could undo it, and so is kept here as well. */
export function mustStay(options: PutOptions): boolean {
  return isConditional(options) || options.durability === 'primary'
}
