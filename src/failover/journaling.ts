import { randomUUID } from 'node:crypto'
import { attributesOf, type Tags } from '../core/attributes.js'
import { isConditional } from '../core/condition.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Source } from '../core/source.js'
import type { DeleteOptions, ObjectStat, PutOptions, Store } from '../core/store.js'
import { newWriteId } from '../core/write-id.js'
import { isInDoubt } from '../stores/local/commit-error.js'
import { checkStat, checkState, isRefusal } from './conditions.js'
import { busyState, type Context, commit, isOurs, legacyStat, suspicion, unknownOf } from './context.js'
import {
  contentOf,
  inherited,
  type JournaledPut,
  type JournalRow,
  mergeUnknown,
  statOfState,
  type Tombstone,
  type Undecided,
  type UnknownAttempts,
} from './journal.js'
import { notFound } from './reader.js'
import { type Held, heldFile, type Spooled, spooledSource } from './spool-bytes.js'

/** What turns out not to be the journal's to decide. */
export interface Elsewhere extends Pick<Store, 'put' | 'delete'> {
  /** Tells what has become of a put whose attempt is in doubt. @throws `error` if that cannot be known now */
  settlePut(
    key: Key,
    source: Source,
    options: PutOptions,
    unknown: UnknownAttempts | undefined,
    error: unknown,
  ): Promise<ObjectStat>
}

/** Of a put that the journal takes because the primary is away: its attempt, if that may yet be applied. */
export interface TakenOver {
  readonly unknown: UnknownAttempts | undefined
}

/** Puts and deletes that are acknowledged here, by a row of the journal. */
export class Journaling {
  readonly #context: Context
  readonly #elsewhere: Elsewhere

  constructor(context: Context, elsewhere: Elsewhere) {
    this.#context = context
    this.#elsewhere = elsewhere
  }

  /**
   * Acknowledges a put by a durable file and a row.
   *
   * @param taken given where the primary is away, and what only it could decide was accepted by the caller
   */
  async put(key: Key, source: Source, options: PutOptions, taken?: TakenOver): Promise<ObjectStat> {
    const context = this.#context
    const { bytes, journal, primary } = context
    this.#checkCapabilities(key, options)
    const writeId = options.writeId ?? newWriteId(options.attributes.expiresAt)
    const { written, release } = await this.#writeBytes(key, source, writeId, options)
    let kept = false
    try {
      for (;;) {
        const row = journal.get(key)
        const busy = busyState(context, row)
        let condition: Undecided | undefined
        if (isConditional(options)) {
          if (busy === undefined && taken === undefined)
            return await this.#from(key, written, content => this.#elsewhere.put(key, content, options))
          const { refusal, rest } = await this.#decide(key, row, options)
          if (refusal !== undefined) {
            const unknown = taken?.unknown
            if (unknown === undefined) throw refusal
            const doubt = inDoubt(key, refusal)
            return await this.#from(key, written, content =>
              this.#elsewhere.settlePut(key, content, { ...options, writeId }, unknown, doubt),
            )
          }
          condition = rest
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
          ...(condition !== undefined && { condition }),
        }
        const before = mergeUnknown(unknownOf(context, row), taken?.unknown)
        const attempts = mergeUnknown(before, suspicion(context))
        const next = { target: primary.target, state, unknown: attempts }
        kept = await commit(context, key, row, next, { content: heldIn(written) })
        if (!kept) continue
        context.wake(key)
        return statOfState(key, state, bytes.pathOf(written.file))
      }
    } catch (error) {
      kept = isInDoubt(error)
      throw error
    } finally {
      if (!kept) await bytes.remove(written.file).catch(() => {})
      release()
    }
  }

  /**
   * Decides a condition by what is known here.
   *
   * @returns the error, if it does not hold; and what is left to be decided by the primary, if anything is
   */
  async #decide(
    key: Key,
    row: JournalRow | undefined,
    options: PutOptions,
  ): Promise<{ readonly refusal?: StorageError; readonly rest?: Undecided | undefined }> {
    const busy = busyState(this.#context, row)
    const { ifMatch, ifNoneMatch } = options
    try {
      if (busy !== undefined) {
        checkState('put', key, busy, options)
        return { rest: inherited(row) }
      }
      // Whatever the primary holds, there is something under the key.
      const legacy = ifNoneMatch === '*' ? await legacyStat(this.#context, key) : undefined
      if (legacy !== undefined) checkStat('put', key, legacy, { ifNoneMatch })
      return { rest: { ifMatch, ifNoneMatch } }
    } catch (error) {
      if (isRefusal(error)) return { refusal: error }
      throw error
    }
  }

  /** Leaves to another what is on the disk already, or in memory. */
  async #from(
    key: Key,
    written: Spooled | Held,
    put: (content: Source) => Promise<ObjectStat>,
  ): Promise<ObjectStat> {
    const held = heldIn(written)
    const file =
      held === undefined ? await this.#context.bytes.open(written.file, key) : heldFile(held.content)
    const source = spooledSource(file)
    try {
      return await put(source)
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

  /** Acknowledges a delete by a row. @returns false only where it is known that there was no object */
  async delete(key: Key, options: DeleteOptions, unknown: UnknownAttempts | undefined): Promise<boolean> {
    const context = this.#context
    for (;;) {
      const row = context.journal.get(key)
      const busy = busyState(context, row)
      if (options.ifMatch !== undefined) {
        if (busy === undefined) return this.#elsewhere.delete(key, options)
        checkState('delete', key, busy, options)
      }
      const attempts = mergeUnknown(mergeUnknown(unknownOf(context, row), unknown), suspicion(context))
      const condition = options.ifMatch === undefined ? undefined : inherited(row)
      const state = { ...this.tombstone(row), ...(condition !== undefined && { condition }) }
      const next = { target: context.primary.target, state, unknown: attempts }
      if (!(await commit(context, key, row, next))) continue
      context.wake(key)
      return busy?.kind !== 'delete'
    }
  }

  /**
   * Gives the acknowledged bytes of a busy key other tags. They stay the write that they are.
   *
   * @returns false if the key is not busy
   * @throws `NOT_FOUND`
   */
  async retag(key: Key, tags: Tags): Promise<boolean> {
    const context = this.#context
    for (;;) {
      const row = context.journal.get(key)
      const state = busyState(context, row)
      if (row === undefined || state === undefined) return false
      if (state.kind === 'delete') throw notFound('tags', key)
      const given = Object.keys(tags).length === 0 ? undefined : tags
      const attributes = attributesOf({ ...state.attributes, tags: given })
      // What the primary was seen to hold, or has refused, had other tags.
      const { agreedAt, parked, ...content } = contentOf(row)
      const next = { ...content, state: { ...state, attributes, retagged: true as const } }
      if (!(await commit(context, key, row, next))) continue
      context.wake(key)
      return true
    }
  }

  /** A delete of now, which comes after what the row holds. */
  tombstone(row: JournalRow | undefined): Tombstone {
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

/** The error of a put that another one acknowledged here has come before, unless the primary has applied it earlier. */
function inDoubt(key: Key, cause: StorageError): StorageError {
  const message =
    'The object store did not answer whether it took this, and another write to the key was acknowledged here meanwhile.'
  return new StorageError({ code: 'UNAVAILABLE', op: 'put', key, store: 's3', message, cause })
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
