import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Attempts } from './attempt.js'
import { type Context, isOurs } from './context.js'
import type { JournalRow } from './journal.js'
import { Ownership, type OwnershipOptions } from './ownership.js'
import { Replay, type Replayed } from './replay.js'
import { settle, settlesInMs } from './settle.js'

export interface ReplicatorOptions extends OwnershipOptions {
  readonly host: string
  /** Requests to the primary at once. */
  readonly concurrency: number
  /** Milliseconds between two looks for what other processes have journaled, or left behind. */
  readonly tickMs: number
  /** The first wait after a failure is a random time up to this; each further one up to twice the last. */
  readonly backoffMs: number
  /** Called with every look. */
  readonly onTick?: (() => void) | undefined
  readonly random?: (() => number) | undefined
}

const MAX_BACKOFF_MS = 60_000
const MIN_SLEEP_MS = 5
const MAX_SLEEP_MS = 600_000
const PARKED_MS = 3_600_000
const SCAN_MS = 30_000
const PAGE = 256
/** Keys that are remembered as fresh; past them the journal is gone through. */
const MAX_FRESH = 10_000
/** Entries that are begun at once, for each request: the others wait for a listing that shows them, or a commit. */
const BEGUN = 8
/** A row that changes as fast as it is replicated leaves others their turn. */
const TURNS = 8

/** Brings the journal's entries to the primary, in the background, and settles what is in doubt. */
export class Replicator {
  readonly ownership: Ownership
  readonly #context: Context
  readonly #options: ReplicatorOptions
  readonly #attempts: Attempts
  readonly #replay: Replay
  readonly #abort = new AbortController()
  readonly #active = new Map<Key, Promise<void>>()
  readonly #retries = new Map<Key, { readonly at: number; readonly tries: number }>()
  readonly #fresh = new Set<Key>()
  /** Called when a request or an entry has ended, where one more waits to be begun. */
  #onRoom: (() => void) | undefined
  #scan = true
  #scannedAt = 0
  /** When the next row is due, by `performance.now()`. */
  #dueAt = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #tick: NodeJS.Timeout | undefined
  #working: Promise<void> | undefined
  #stopped = false
  /** Whether the journal was counted since it was last gone through. */
  #isCounted = false
  /** Ends the wait for {@link #news}. */
  #onNews: (() => void) | undefined

  constructor(context: Context, attempts: Attempts, options: ReplicatorOptions) {
    this.#context = context
    this.#attempts = attempts
    this.#options = options
    this.ownership = new Ownership(context, options)
    // Every request under way listens to it.
    setMaxListeners(0, this.#abort.signal)
    this.#replay = new Replay(context, attempts, {
      host: options.host,
      concurrency: options.concurrency,
      signal: this.#abort.signal,
      mayGoOn: () => this.#mayGoOn(),
      hasMore: () => this.#onRoom !== undefined,
      onRoom: () => this.#onRoom?.(),
    })
  }

  /** Begins to work in the background. */
  start(): void {
    this.#tick = setInterval(() => void this.#onTick(), this.#options.tickMs)
    this.#tick.unref()
    void this.work()
  }

  /** A key has work. */
  wake(key: Key): void {
    if (this.#stopped) return
    if (this.#fresh.size < MAX_FRESH) this.#fresh.add(key)
    else this.#scan = true
    this.#onNews?.()
    if (this.#tick !== undefined) void this.work()
  }

  /** Everything may have work: the primary answers again, or a person wants another try. */
  wakeAll(): void {
    if (this.#stopped) return
    this.#retries.clear()
    this.#scan = true
    this.#onNews?.()
    if (this.#tick !== undefined) void this.work()
  }

  /** Does what is due now. @returns when nothing is left that could be done */
  work(): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    this.#working ??= this.#work()
      .catch(error => {
        this.#context.logger.error({}, `The replication stumbled: ${messageOf(error)}`)
        this.#dueIn(this.#options.backoffMs)
      })
      .finally(() => {
        this.#working = undefined
        this.#sleep()
      })
    return this.#working
  }

  /** Ends the work, giving requests under way up to `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true
    this.#onNews?.()
    clearInterval(this.#tick)
    clearTimeout(this.#timer)
    const cut = setTimeout(() => this.#abort.abort(), graceMs)
    await this.#working
    clearTimeout(cut)
    // A ledger that cannot be written keeps nobody from closing; the next owner finds this one dead.
    await this.ownership.release().catch(error => {
      this.#context.logger.error({}, `The replication could not be given up: ${messageOf(error)}`)
    })
  }

  async #work(): Promise<void> {
    let isOurs = true
    do {
      isOurs = await this.#workOff()
      await Promise.all(this.#active.values())
      if (this.#context.journal.size() === 0) await this.#rest()
      else if (!this.#isCounted) await this.#count()
    } while (isOurs && this.#mayBegin() && this.#mayGoOn())
  }

  /** Begins on what has work, until there is none. @returns false if another process has the journal */
  async #workOff(): Promise<boolean> {
    while (!this.#stopped && !this.#context.availability.writes.open) {
      if (this.#mayBegin()) {
        if ((await this.ownership.hold()) === undefined) {
          this.#dueIn(this.#options.tickMs)
          return false
        }
        if (this.#scan) await this.#scanAll()
        else await this.#beginFresh()
      } else if (this.#active.size > 0) await this.#news()
      else break
    }
    return true
  }

  /** Counts while nothing is under way here: what is committed meanwhile would be counted twice, or not at all. */
  async #count(): Promise<void> {
    this.#isCounted = await this.#context.totals.count(this.#context.journal)
  }

  /** Whether there is a key to look at that is not being worked on. */
  #mayBegin(): boolean {
    if (this.#scan) return this.#context.journal.size() > 0
    for (const key of this.#fresh) if (!this.#active.has(key)) return true
    return false
  }

  /** Keys that are being worked on stay for later: one that takes its time keeps no other waiting. */
  async #beginFresh(): Promise<void> {
    for (const key of this.#fresh) {
      if (this.#active.has(key)) continue
      this.#fresh.delete(key)
      await this.#begin(key)
    }
  }

  /** Waits until a key under way has ended, another has work, or a row is due. */
  #news(): Promise<void> {
    return new Promise(resolve => {
      const ms = this.#dueAt - performance.now()
      const onDue = (): void => {
        this.#scan = true
        this.#onNews?.()
      }
      const timer = ms < MAX_SLEEP_MS ? setTimeout(onDue, Math.max(ms, MIN_SLEEP_MS)) : undefined
      this.#onNews = () => {
        clearTimeout(timer)
        this.#onNews = undefined
        resolve()
      }
    })
  }

  /** There is nothing in the journal, and nobody needs to own it. */
  async #rest(): Promise<void> {
    this.#scan = false
    this.#fresh.clear()
    this.#retries.clear()
    this.#dueAt = Number.POSITIVE_INFINITY
    await this.#count()
  }

  async #scanAll(): Promise<void> {
    this.#scan = false
    this.#scannedAt = performance.now()
    this.#fresh.clear()
    this.#dueAt = Number.POSITIVE_INFINITY
    let after: string | undefined
    for (;;) {
      const rows = this.#context.journal.scan({ after, limit: PAGE })
      for (const row of rows) {
        after = row.key
        if (this.#isDue(row) && !this.#active.has(row.key)) await this.#begin(row.key)
      }
      if (rows.length < PAGE || !this.#mayGoOn()) break
      // Another turn of the event loop for everybody else.
      await nextTurn()
    }
    this.#isCounted = false
  }

  #mayGoOn(): boolean {
    return !this.#stopped && !this.#context.availability.writes.open && this.ownership.isHeld()
  }

  /** Whether there is something to do for the row now; else notes when there will be. */
  #isDue(row: JournalRow): boolean {
    if (!isOurs(this.#context, row)) return false
    const inMs = this.#dueInMs(row)
    if (inMs <= 0) return true
    this.#dueIn(inMs)
    return false
  }

  #dueInMs(row: JournalRow): number {
    const retry = this.#retries.get(row.key)
    const retryMs = retry === undefined ? 0 : retry.at - performance.now()
    if (row.parked !== undefined) return Math.max(retryMs, row.parked.at + PARKED_MS - Date.now())
    if (row.state !== undefined && row.agreedAt === undefined) return retryMs
    const settleMs = settlesInMs(this.#context, row)
    return this.#attempts.isAbandoned(row.key) ? Math.max(settleMs, 1000) : Math.max(settleMs, retryMs)
  }

  /** Starts on a key as soon as there is room. */
  async #begin(key: Key): Promise<void> {
    while (this.#replay.isFull || this.#active.size >= this.#options.concurrency * BEGUN) {
      await new Promise<void>(resolve => {
        this.#onRoom = resolve
      })
      this.#onRoom = undefined
    }
    if (!this.#mayGoOn()) {
      this.#scan = true
      return
    }
    const done = this.#one(key)
      .catch(error => {
        this.#context.logger.error({ key }, `A journaled write could not be replicated: ${messageOf(error)}`)
        this.#context.chronicle.failed(StorageError.is(error) ? error.code : 'INTERNAL')
        this.#retryLater(key)
      })
      .finally(() => {
        this.#active.delete(key)
        this.#onRoom?.()
        this.#onNews?.()
      })
    this.#active.set(key, done)
  }

  async #one(key: Key): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) {
      const row = this.#context.journal.get(key)
      const epoch = this.ownership.epoch
      if (row === undefined) {
        this.#retries.delete(key)
        return
      }
      if (epoch === undefined || !this.#mayGoOn() || !this.#isDue(row)) return
      const replayed = await this.#step(row, epoch)
      if (replayed === 'later') return this.#retryLater(key)
      this.#retries.delete(key)
      if (replayed === 'again' && !this.ownership.check()) return
    }
    this.#fresh.add(key)
  }

  #step(row: JournalRow, epoch: number): Promise<Replayed> {
    const waits = row.state === undefined || row.agreedAt !== undefined
    if (!waits) return this.#replay.run(row, epoch, this.#retries.has(row.key))
    return this.#settle(row, epoch)
  }

  async #settle(row: JournalRow, epoch: number): Promise<Replayed> {
    const { availability } = this.#context
    try {
      return await this.#replay.turn(() =>
        settle(this.#context, row, epoch, this.#options.host, this.#abort.signal),
      )
    } catch (error) {
      if (StorageError.is(error) && error.store !== 'local') {
        await availability.isAway(availability.reads, error)
        return 'later'
      }
      throw error
    }
  }

  #retryLater(key: Key): void {
    const tries = (this.#retries.get(key)?.tries ?? 0) + 1
    const bound = Math.min(MAX_BACKOFF_MS, this.#options.backoffMs * 2 ** (tries - 1))
    const waitMs = (this.#options.random ?? Math.random)() * bound
    this.#retries.set(key, { at: performance.now() + waitMs, tries })
    this.#dueIn(waitMs)
  }

  #dueIn(ms: number): void {
    this.#dueAt = Math.min(this.#dueAt, performance.now() + ms)
  }

  /** Sleeps until a row is due. While the primary is away, its return wakes everything. */
  #sleep(): void {
    clearTimeout(this.#timer)
    if (this.#stopped || this.#tick === undefined) return
    if (this.#context.availability.writes.open) return
    if (this.#mayBegin() && this.#dueAt === Number.POSITIVE_INFINITY)
      return void setImmediate(() => void this.work())
    if (this.#dueAt === Number.POSITIVE_INFINITY) return
    const ms = Math.min(Math.max(this.#dueAt - performance.now(), MIN_SLEEP_MS), MAX_SLEEP_MS)
    this.#timer = setTimeout(() => {
      this.#scan = true
      void this.work()
    }, ms)
    this.#timer.unref()
  }

  async #onTick(): Promise<void> {
    try {
      this.#options.onTick?.()
      await this.ownership.findDead()
      const { journal, totals } = this.#context
      const rows = journal.size()
      if (rows === 0) await this.ownership.release()
      else await this.ownership.beat()
      // Others' entries show by their number, and those that replaced one by going through them all now and then.
      const overdue = rows > 0 && performance.now() - this.#scannedAt > SCAN_MS
      const idle = this.#active.size === 0
      if ((idle && rows !== totals.rows) || overdue || (rows > 0 && this.ownership.epoch === undefined))
        this.#scan = true
      this.#onNews?.()
      if (this.#mayBegin()) await this.work()
      else if (!this.#isCounted && idle) await this.#count()
    } catch (error) {
      if (!this.#stopped) this.#context.logger.error({}, `The replication stumbled: ${messageOf(error)}`)
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
