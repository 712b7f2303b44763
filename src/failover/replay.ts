import pLimit, { type LimitFunction } from 'p-limit'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { openSource, type Source } from '../core/source.js'
import { compareStamps } from '../core/stamp.js'
import type { Condition, ObjectStat } from '../core/store.js'
import type { Attempts, Ended } from './attempt.js'
import { checkStat, isRefusal } from './conditions.js'
import { saveTheirs, toConflict } from './conflicts.js'
import { type Context, commit, dropLegacy, legacyStat, noteUnknown, suspicion } from './context.js'
import {
  contentOf,
  decided,
  endangers,
  type JournaledPut,
  type JournaledState,
  type JournalRow,
  mergeUnknown,
  type RowContent,
  type Tombstone,
} from './journal.js'
import { Listed } from './listed.js'
import { hashOf, openWhole, rotten, spooledSource } from './spool-bytes.js'
import { required } from './tagging.js'

/** How far clocks of others may be from ours before a foreign object counts as newer or older. Milliseconds. */
const SKEW_MS = 5_000
/** HTTP dates are in whole seconds: an object may be younger than its date says by as much. */
const DATE_MS = 1_000
/** Content up to this size is sent on the guess that the key is free, without asking first, and looked for in a listing. */
const GUESS_BYTES = 1024 * 1024
/** Content up to this size goes in one request, whatever the part size. */
const SINGLE_BYTES = 5 * 1024 * 1024
/** Content up to this size is hashed and sent from one read. */
const WHOLE_BYTES = 4 * 1024 * 1024
/** Rounds of asking and writing in which somebody else was faster. */
const ROUNDS = 5

/** What became of an entry: `again` if the row changed meanwhile, `later` if the primary did not do its part. */
export type Replayed = 'done' | 'again' | 'later'

/** How far an entry was brought: `held` if the primary holds it, and the row is still to be told. */
type Brought = Replayed | 'held'

/** What the decision on a found object is: nothing to do, to write over it, or to let it stand. */
type Verdict =
  | { readonly do: 'agree' }
  | { readonly do: 'write'; readonly over: ObjectStat | undefined; readonly save: boolean }
  | { readonly do: 'yield' }

export interface ReplayOptions {
  /** This host, as stamps name it. */
  readonly host: string
  /** Requests at once. */
  readonly concurrency: number
  readonly signal: AbortSignal
  /** Whether more may be sent. */
  readonly mayGoOn: () => boolean
  /** Whether more is there to be sent. */
  readonly hasMore: () => boolean
  /** Told when a request has ended. */
  readonly onRoom: () => void
}

/** Brings one entry to the primary: the newest acknowledged state of one key. */
export class Replay {
  readonly #context: Context
  readonly #attempts: Attempts
  readonly #host: string
  readonly #signal: AbortSignal
  readonly #options: ReplayOptions
  readonly #limit: LimitFunction
  readonly #listed: Listed

  constructor(context: Context, attempts: Attempts, options: ReplayOptions) {
    this.#context = context
    this.#attempts = attempts
    this.#host = options.host
    this.#signal = options.signal
    this.#options = options
    this.#limit = pLimit(options.concurrency)
    this.#listed = new Listed(context.primary.store, options)
  }

  /** Whether one more request would have to wait for its turn. */
  get isFull(): boolean {
    return this.#limit.activeCount + this.#limit.pendingCount >= this.#options.concurrency
  }

  /** Waits for a request's turn. Commits and listings wait for none, and no request waits for them. */
  turn<T>(request: () => Promise<T>): Promise<T> {
    return this.#limit(request).finally(this.#options.onRoom)
  }

  /**
   * @param epoch the one in which we may change rows
   * @param tried whether it was tried before, so that the primary may hold something of it
   */
  async run(row: JournalRow, epoch: number, tried: boolean): Promise<Replayed> {
    const { key, state } = row
    if (state === undefined) return 'done'
    try {
      const brought =
        state.kind === 'put'
          ? await this.#put(row, state, epoch, tried)
          : await this.turn(() => this.#delete(row, state, epoch))
      if (brought !== 'held') return brought
      if (state.kind === 'put' && state.retagged === true) await this.turn(() => this.#retag(key, state))
      return await this.#finish(row, state, epoch)
    } catch (error) {
      if (this.#signal.aborted) return 'later'
      const { availability, chronicle } = this.#context
      const isRotten = StorageError.is(error, 'INTEGRITY') && error.store === 'local'
      if (StorageError.is(error) && error.store === 'local' && !isRotten) throw error
      chronicle.failed(StorageError.is(error) ? error.code : 'INTERNAL')
      if (isRotten) return this.#park(row, error, epoch)
      if (await availability.isAway(availability.reads, error)) return 'later'
      if (StorageError.is(error)) return this.#park(row, error, epoch)
      this.#context.logger.error({ key }, `A journaled write could not be replicated: ${String(error)}`)
      return 'later'
    }
  }

  async #put(row: JournalRow, state: JournaledPut, epoch: number, tried: boolean): Promise<Brought> {
    const { key } = row
    const { size } = state
    const guess = !tried && size <= GUESS_BYTES && row.unknown === undefined && state.condition === undefined
    let verdict: Verdict =
      guess && this.#isConditional(state)
        ? { do: 'write', over: undefined, save: false }
        : await this.#look(key, state)
    for (let round = 0; round < ROUNDS; round++) {
      if (verdict.do === 'agree') return 'held'
      if (verdict.do === 'yield') return toConflict(this.#context, row, state, epoch)
      const decided = verdict
      const write = () => this.#write(key, state, decided)
      const ended = guess ? await this.#listed.coming(write) : await write()
      if (ended === undefined) return 'later'
      if (ended.how === 'failed') {
        if (!lostRace(ended.error) || ended.unknown) return this.#failed(row, ended, epoch, state)
        verdict = await this.#look(key, state)
      } else {
        const { etag } = ended.value
        if (guess && (await this.#listed.shows(key, size, etag))) return 'held'
        verdict = await this.#look(key, state, etag)
      }
    }
    return 'later'
  }

  /** Gives the object that the primary holds the tags that were set since its bytes may have been sent. */
  async #retag(key: Key, { attributes }: JournaledPut): Promise<void> {
    const { store } = this.#context.primary
    await required(store, 'setTags')(key, attributes.tags ?? {}, { signal: this.#signal })
  }

  /** Takes its turn to write over what was found. @returns undefined if nothing may be sent any more */
  async #write(
    key: Key,
    state: JournaledPut,
    { over, save }: Verdict & { do: 'write' },
  ): Promise<Ended<ObjectStat> | undefined> {
    return this.turn(async () => {
      if (!this.#options.mayGoOn()) return undefined
      const content = await this.#content(key, state)
      try {
        if (save && over !== undefined) await saveTheirs(this.#context, key, over, this.#signal)
        // All that may have taken long, or this process may have stood still in it.
        if (!this.#options.mayGoOn()) return undefined
        const condition = this.#isConditional(state) ? conditionOver(over) : {}
        return await this.#send(key, state, content, condition)
      } finally {
        await content.close()
      }
    })
  }

  /** Whether the primary takes this content on a condition, as far as is known. */
  #isConditional(state: JournaledPut): boolean {
    const { conditionalPut, conditionalMultipart } = this.#context.primary.store.capabilities
    return state.size <= SINGLE_BYTES ? conditionalPut : conditionalPut && conditionalMultipart
  }

  /** The bytes, known to be those that were acknowledged. @throws `INTEGRITY` */
  async #content(key: Key, state: JournaledPut): Promise<Source> {
    const file = await openWhole(this.#context.bytes, key, state)
    try {
      if (state.size <= WHOLE_BYTES) {
        const bytes = await file.read(0, state.size)
        // The primary's client hashes what it sends, and refuses to send what is not as declared.
        await file.close()
        return openSource(bytes, { size: state.size })
      }
      if ((await hashOf(file, this.#signal)) !== state.sha256)
        throw rotten(key, 'has other bytes than were acknowledged')
      return spooledSource(file)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async #send(
    key: Key,
    state: JournaledPut,
    content: Source,
    condition: Condition,
  ): Promise<Ended<ObjectStat>> {
    const { writeId, stamp, sha256, attributes } = state
    const signal = this.#signal
    const ended = await this.#attempts.run(
      { op: 'put', key, signal, writeId, mayBeApplied: () => true },
      () =>
        this.#context.primary.store.put(key, content, {
          attributes,
          writeId,
          stamp,
          sha256,
          signal,
          ...condition,
        }),
    )
    if (
      ended.how === 'failed' &&
      StorageError.is(ended.error, 'INVALID_ARGUMENT') &&
      state.size <= WHOLE_BYTES
    ) {
      const file = await openWhole(this.#context.bytes, key, state)
      const found = await hashOf(file).finally(() => file.close())
      if (found !== sha256) throw rotten(key, 'has other bytes than were acknowledged')
    }
    return ended
  }

  async #delete(row: JournalRow, state: Tombstone, epoch: number): Promise<Brought> {
    const { key } = row
    const { store } = this.#context.primary
    for (let round = 0; round < ROUNDS; round++) {
      if (!this.#options.mayGoOn()) return 'later'
      const { object } = await this.#context.primary.look(key, { signal: this.#signal })
      if (object === undefined) return 'held'
      if (await this.#loses(key, object, state)) return this.#forget(row, epoch)
      // Across hosts, a put wins over a delete that did not know of it.
      if (!this.#isOwn(object) && isNewer(object, state)) return this.#forget(row, epoch)
      if (!this.#options.mayGoOn()) return 'later'
      const ifMatch = store.capabilities.conditionalDelete ? object.etag : undefined
      const signal = this.#signal
      const ended = await this.#attempts.run({ op: 'delete', key, signal, mayBeApplied: () => true }, () =>
        store.delete(key, { ifMatch, signal }),
      )
      if (ended.how === 'failed' && (!lostRace(ended.error) || ended.unknown))
        return this.#failed(row, ended, epoch, state)
    }
    return 'later'
  }

  async #look(key: Key, state: JournaledPut, writtenEtag?: string): Promise<Verdict> {
    const signal = this.#signal
    const { object } = await this.turn(() => this.#context.primary.look(key, { signal }))
    if (object !== undefined && agrees(object, state, writtenEtag)) return { do: 'agree' }
    if (await this.#loses(key, object, state)) return { do: 'yield' }
    if (object === undefined || this.#isOwn(object)) return { do: 'write', over: object, save: false }
    if (isNewer(object, state)) return { do: 'yield' }
    const bound = object.stamp === undefined ? SKEW_MS : DATE_MS
    const before = object.lastModified.getTime() < state.at - bound
    return { do: 'write', over: object, save: !before }
  }

  /** Whether what the state rests on turns out not to hold: by an object that is none of those that rest on it. */
  async #loses(key: Key, object: ObjectStat | undefined, state: JournaledState): Promise<boolean> {
    const { condition } = state
    if (condition === undefined || (object !== undefined && this.#restsOn(object, state))) return false
    const found = object ?? (await legacyStat(this.#context, key))
    try {
      checkStat('put', key, found, condition)
      return false
    } catch (error) {
      if (isRefusal(error)) return true
      throw error
    }
  }

  /** Whether an object is the state, or one before it that rests on the same condition. */
  #restsOn(object: ObjectStat, { writeId, condition }: JournaledState): boolean {
    if (object.writeId === writeId) return true
    const first = condition?.first
    if (first === undefined) return false
    if (object.writeId === first.writeId) return true
    return this.#isOwn(object) && object.stamp !== undefined && compareStamps(object.stamp, first.stamp) > 0
  }

  /** Whether this host wrote it: then it is older than the row, whose acknowledgement came after every other. */
  #isOwn(object: ObjectStat): boolean {
    return object.stamp?.host === this.#host
  }

  async #failed(
    row: JournalRow,
    ended: Ended<unknown> & { how: 'failed' },
    epoch: number,
    state: JournaledState,
  ): Promise<Replayed> {
    if (ended.unknown) {
      await noteUnknown(this.#context, row.key, {
        signedAt: this.#context.primary.now(),
        put: state.kind === 'put' ? state.writeId : undefined,
        deletes: state.kind === 'delete',
      })
    }
    if (StorageError.is(ended.error) && !this.#signal.aborted) {
      this.#context.chronicle.failed(ended.error.code)
    }
    if (ended.away || this.#signal.aborted) return 'later'
    // What stands in the way may be an attempt of our own: the next turn looks.
    if (ended.unknown && lostRace(ended.error)) return 'later'
    if (!StorageError.is(ended.error)) throw ended.error
    const now = this.#context.journal.get(row.key)
    return now === undefined || now.state?.writeId !== state.writeId
      ? 'again'
      : this.#park(now, ended.error, epoch)
  }

  /**
   * The primary holds the state. The row goes, unless a late attempt could still undo the state (then it stays
   * with its bytes) or could undo a later one (then it stays without).
   */
  async #finish(row: JournalRow, state: JournaledState, epoch: number): Promise<Replayed> {
    const context = this.#context
    const { key, target } = row
    await dropLegacy(context, key, state)
    const unknown = mergeUnknown(row.unknown, suspicion(context))
    let next: RowContent | undefined
    if (endangers(unknown, state)) {
      const agreedAt = context.primary.now()
      next = { target, state: decided(state), unknown, agreedAt, superseded: row.superseded }
    } else if (unknown !== undefined) next = { target, unknown }
    return (await commit(context, key, row, next, { epoch })) ? 'done' : 'again'
  }

  /** Lets the state go; what late attempts could do to others is still waited for. */
  async #forget(row: JournalRow, epoch: number): Promise<Replayed> {
    const { key, target, state } = row
    // One that rested on what did not hold was never the newest.
    if (state?.condition === undefined) await dropLegacy(this.#context, key)
    const unknown = mergeUnknown(row.unknown, suspicion(this.#context))
    const next = unknown === undefined ? undefined : { target, unknown }
    return (await commit(this.#context, key, row, next, { epoch })) ? 'done' : 'again'
  }

  /** Leaves the entry to a person, and to another try in an hour. */
  async #park(row: JournalRow, error: StorageError, epoch: number): Promise<Replayed> {
    const { key } = row
    const parked = { code: error.code, message: error.message, at: Date.now() }
    if (!(await commit(this.#context, key, row, { ...contentOf(row), parked }, { epoch }))) return 'again'
    this.#context.logger.error(
      { key, code: error.code },
      `A journaled write is parked, and tried again hourly: ${error.message}`,
    )
    return 'done'
  }
}

/** Whether the primary holds the very state: by write id, size and SHA-256, or the ETag that our own success returned. */
export function agrees(object: ObjectStat, state: JournaledPut, writtenEtag?: string): boolean {
  if (object.writeId !== state.writeId || object.size !== state.size) return false
  return object.sha256 === undefined ? object.etag === writtenEtag : object.sha256 === state.sha256
}

/** Whether somebody else's object is newer than the state: by stamps, or by its date with a bound for the clocks. */
export function isNewer(object: ObjectStat, state: JournaledState): boolean {
  if (object.stamp !== undefined) return compareStamps(object.stamp, state.stamp) > 0
  return object.lastModified.getTime() > state.at + SKEW_MS
}

function conditionOver(object: ObjectStat | undefined): Condition {
  return object === undefined ? { ifNoneMatch: '*' } : { ifMatch: object.etag }
}

/** Whether somebody else was faster, or it turned out that the primary takes no conditions: nothing was done then. */
function lostRace(error: unknown): boolean {
  if (!StorageError.is(error)) return false
  const { code } = error
  return (
    code === 'ALREADY_EXISTS' ||
    code === 'PRECONDITION_FAILED' ||
    code === 'NOT_FOUND' ||
    code === 'UNSUPPORTED'
  )
}
