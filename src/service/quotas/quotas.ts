import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError, throwIfAborted } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Logger } from '../../core/logger.js'
import type { Store } from '../../core/store.js'
import type { QuotasStatus } from '../../storage.js'
import type { Tables } from '../memory-tables.js'
import { type Begun, begin, extend, growth, recount, settle } from './accounts.js'
import { QuotaBook } from './book.js'
import { beginCount, countPage, dropCount, leaveCount } from './counting.js'
import { type Limits, NOBODY, NONE, type QuotaRow, type Size } from './rows.js'
import { QuotaSurvey } from './survey.js'

export interface QuotasOptions {
  readonly ledger: Tables
  /** What is counted. */
  readonly store: Store
  /** Names this user of the ledger. */
  readonly processId: string
  /** Whether the process that an id names is known to have ended. */
  readonly isDead: (processId: string) => boolean
  /** Whether other processes use the ledger now. */
  readonly hasOthers: () => Promise<boolean>
  /** Milliseconds after which a count is repeated; 0 for never. */
  readonly recountMs: number
  /** How long a request without an answer may still take effect. Milliseconds; 0 where none can. */
  readonly lateMs: number
  readonly logger: Logger
  /** Called when it is closed. */
  readonly onClose?: (() => void) | undefined
}

/** How often another process's first quota is looked for, and what fell due. Milliseconds. */
const LOOK_MS = 1000
/** How long others take at most to see the first quota of the ledger. Milliseconds. */
const SEEN_MS = 2 * LOOK_MS
/** How soon a listing is tried again that was not complete. Milliseconds. */
const AGAIN_MS = 30_000
/** After the first quota of a ledger, uploads are counted once more that were under way by then. Milliseconds. */
const UNDER_WAY_MS = 15 * 60_000
/** Quotas that are looked through in one turn for those that are due. */
const LOOKED_THROUGH = 1000
const POLL_MS = 50
/** Into so many steps the time is divided for which requests may be late. */
const LATE_STEPS = 16

/** Errors that are told before anything was changed. */
const UNCHANGED: ReadonlySet<string> = new Set([
  'INVALID_KEY',
  'INVALID_ARGUMENT',
  'UNSUPPORTED',
  'CONFIG_INVALID',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PRECONDITION_FAILED',
  'TOO_LARGE',
  'QUOTA_EXCEEDED',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NO_SUCH_BUCKET',
  'CLOCK_SKEW',
  'NO_SPACE',
])

export interface CountOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((files: number) => void) | undefined
}

export interface DeclareOptions extends CountOptions {
  /** Whether there are calls under way that may have begun before there was any quota. */
  readonly isBusy?: boolean | undefined
}

/** What somebody is about to do to a key. */
export interface Intention {
  readonly op: string
  readonly key: Key
  /** What the key will have: as far as it is known, 0 where it is not; {@link NONE} for a removal. */
  readonly size: number
  /** Whether it is refused where there is an object: then nobody need look. */
  readonly isCreation?: boolean | undefined
  /** What it has, where somebody has looked; the mark was taken before. */
  readonly seen?: { readonly base: Size; readonly mark: number } | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * How a count ended: `counted` completely, by this call; `away` where the listing was not complete; `elsewhere` where
 * somebody else counted, or nobody does any more.
 */
export type Counted = 'counted' | 'away' | 'elsewhere'

/** What has become of it. */
export type Outcome = number | 'unchanged' | 'unseen' | 'unsure'

/** Counts what is stored below prefixes, and keeps it within limits. */
export class Quotas {
  readonly book: QuotaBook
  readonly #survey: QuotaSurvey
  readonly #options: QuotasOptions
  readonly #counting = new Map<string, Promise<Counted>>()
  /** Ends of works that are being noted. */
  readonly #settling = new Set<Promise<void>>()
  /** Ends of works that could not be noted when they came. */
  readonly #unsettled = new Map<string, { readonly key: Key; readonly outcome: Outcome }>()
  readonly #timer: NodeJS.Timeout
  #isUsed: boolean
  #isClosed = false
  #looking: Promise<void> | undefined
  #lookedThrough: string | undefined
  #pauseUntil = 0

  constructor(options: QuotasOptions) {
    this.#options = options
    this.book = new QuotaBook(options.ledger)
    this.#survey = new QuotaSurvey(this.book)
    this.#isUsed = this.book.isUsed
    this.#timer = setInterval(() => this.#tick(), LOOK_MS).unref()
    this.#tick()
  }

  /** Whether there is any quota, as far as this process knows: that of another is seen a moment later. */
  get isUsed(): boolean {
    return this.#isUsed
  }

  /**
   * Makes a quota, or gives it other limits. What is there already is counted first; the limits hold from then on.
   *
   * @param options `onProgress`: told how many files are counted
   */
  async declare(prefix: string, limits: Limits, options: DeclareOptions = {}): Promise<void> {
    const { maxBytes, maxFiles } = limits
    const found = this.book.get(prefix)
    if (found === undefined) await this.#make(prefix, options)
    this.#isUsed = true
    while (this.book.get(prefix)?.countedAt === undefined && this.book.get(prefix) !== undefined) {
      throwIfAborted(options.signal, 'quota')
      if (this.#isClosed) throw closedWhile(prefix)
      await this.recount(prefix, options.onProgress)
    }
    if (found !== undefined && found.maxBytes === maxBytes && found.maxFiles === maxFiles) return
    await this.book.transact(tx => {
      const row = tx.quota(prefix)
      if (row !== undefined) tx.setQuota(prefix, { ...row, maxBytes, maxFiles })
    })
  }

  async #make(prefix: string, { isBusy, signal }: DeclareOptions): Promise<void> {
    const isFirst = !this.book.isUsed
    this.#isUsed = true
    const hasOthers = isFirst && (await this.#options.hasOthers())
    const recountAt = hasOthers || (isFirst && isBusy) ? Date.now() + UNDER_WAY_MS : undefined
    await this.book.transact(tx => {
      if (tx.quota(prefix) !== undefined) return
      tx.setQuota(prefix, { bytes: 0, files: 0, heldBytes: 0, heldFiles: 0, recountAt })
    })
    // Until they have seen it they write without counting.
    if (hasOthers) await sleep(SEEN_MS, undefined, { signal })
  }

  /** Ends a quota. @returns whether there was one */
  remove(prefix: string): Promise<boolean> {
    return this.book.transact(tx => {
      const found = tx.quota(prefix) !== undefined
      if (found) tx.setQuota(prefix, undefined)
      return found
    })
  }

  /** An overview, as of a moment ago; undefined where there are none. */
  status(): QuotasStatus | undefined {
    return this.#isUsed && !this.#isClosed ? this.#survey.status() : undefined
  }

  /** Reserves what a work may add; undefined where no quota holds for the key. @throws `QUOTA_EXCEEDED` */
  async begin(intention: Intention): Promise<Reservation | undefined> {
    const { op, key, size, isCreation: isPresumed = false, signal } = intention
    const id = randomUUID()
    const process = this.#options.processId
    let { seen } = intention
    let isSwept = false
    for (;;) {
      throwIfAborted(signal, op, key)
      if (seen === undefined) {
        const mark = this.book.settledMark(key)
        seen = { mark, base: isPresumed ? NONE : await this.look(key, signal) }
      }
      const work = { op, key, id, process, size, isPresumed, ...seen }
      let begun: Begun
      try {
        begun = await this.book.transact(tx => begin(tx, work))
      } catch (error) {
        // What the dead hold is not to be held against the living.
        if (isSwept || !StorageError.is(error, 'QUOTA_EXCEEDED') || !(await this.#sweep())) throw error
        isSwept = true
        continue
      }
      if (begun.how === 'free') return undefined
      if (begun.how === 'begun') return new Reservation(this, { op, key, id, base: begun.base, size })
      seen = undefined
    }
  }

  /** @internal */
  async extend(op: string, key: Key, id: string, bytes: number): Promise<void> {
    await this.book.transact(tx => extend(tx, op, key, id, bytes))
  }

  /** Notes what came of a work. What the work did is done: that it cannot be noted is no failure of it, and is tried again. */
  settle(key: Key, id: string, outcome: Outcome): Promise<void> {
    const settling = this.#note(key, id, outcome).finally(() => this.#settling.delete(settling))
    this.#settling.add(settling)
    return settling
  }

  /** Resolves when the ends of all works that have ended are noted. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling)
  }

  async #note(key: Key, id: string, outcome: Outcome): Promise<void> {
    try {
      await this.#settle(key, id, outcome)
      this.#unsettled.delete(id)
    } catch (error) {
      if (!this.#unsettled.has(id)) {
        this.#options.logger.warn({ key, error }, 'What a quota has to count could not be noted yet')
      }
      this.#unsettled.set(id, { key, outcome })
    }
  }

  /** What an error of a work tells of the key. */
  outcomeOf(error: unknown): 'unchanged' | 'unsure' {
    return StorageError.is(error) && UNCHANGED.has(error.code) ? 'unchanged' : 'unsure'
  }

  /** Has quotas counted again: something happened below their prefixes that was not told. */
  async doubt(prefixes: Iterable<string>): Promise<void> {
    const doubted = Array.from(prefixes, prefix => this.book.transact(tx => recount(tx, prefix, 0)))
    await Promise.all(doubted)
  }

  /** {@link doubt} of the quotas that hold for keys. */
  doubtKeys(keys: readonly string[]): Promise<void> {
    return this.doubt(new Set(keys.flatMap(key => this.book.covering(key))))
  }

  /** Does a change of a key that tells nothing of what is there afterwards, and counts what the store says of it. */
  async counting<T>(key: Key, change: () => Promise<T>): Promise<T> {
    const isCovered = this.#isUsed && this.book.covers(key)
    const reservation = isCovered ? await this.begin({ op: 'erase', key, size: NONE }) : undefined
    try {
      return await change()
    } finally {
      await reservation?.settle('unseen')
    }
  }

  /** All quotas, in the order of their prefixes. */
  *all(): Generator<{ prefix: string; row: QuotaRow }, void, void> {
    let after: string | undefined
    for (;;) {
      const page = this.book.page(after, LOOKED_THROUGH)
      yield* page
      after = page.at(-1)?.prefix
      if (page.length < LOOKED_THROUGH) return
    }
  }

  /**
   * Counts a quota by listing. While the store is away what is known stays, and it is counted later.
   */
  async recount(prefix: string, onProgress?: CountOptions['onProgress']): Promise<Counted> {
    const underWay = this.#counting.get(prefix)
    if (underWay !== undefined) {
      await underWay
      return 'elsewhere'
    }
    const counting = this.#count(prefix, onProgress).finally(() => this.#counting.delete(prefix))
    this.#counting.set(prefix, counting)
    return counting
  }

  /** Begins nothing of its own any more. */
  stop(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  /** Whether the store was away when this process last counted: then it is left alone for a moment. */
  get #isPaused(): boolean {
    return Date.now() < this.#pauseUntil
  }

  async close(): Promise<void> {
    this.stop()
    await this.#looking
    await this.settled()
    await Promise.allSettled(this.#counting.values())
    await this.book.idle()
    this.#options.onClose?.()
  }

  async #settle(key: Key, id: string, outcome: Outcome): Promise<void> {
    const lateUntil = this.#lateUntil()
    let looked: { size: Size; works: number } | undefined
    for (;;) {
      const works = await this.book.transact(tx => settle(tx, { key, id, outcome, looked, lateUntil }))
      if (works === undefined) return
      looked = { works, size: await this.look(key, undefined) }
    }
  }

  /** Until when a request may take effect that ended now: rounded up, so that few such times are to be remembered. */
  #lateUntil(): number | undefined {
    const { lateMs } = this.#options
    const step = Math.ceil(lateMs / LATE_STEPS)
    return lateMs > 0 ? Math.ceil((Date.now() + lateMs) / step) * step : undefined
  }

  /** What the store says of a key; undefined where it does not answer. */
  async look(key: Key, signal: AbortSignal | undefined): Promise<Size> {
    try {
      return (await this.#options.store.head(key, { signal })).size
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return NONE
      if (!StorageError.is(error) || signal?.aborted) throw error
      return undefined
    }
  }

  async #count(prefix: string, onProgress: CountOptions['onProgress']): Promise<Counted> {
    const { store, processId: by, isDead } = this.#options
    const begun = await this.book.transact(tx => beginCount(tx, prefix, by, isDead, Date.now()))
    if (begun === undefined) return 'elsewhere'
    if (begun === 'other') {
      await sleep(POLL_MS)
      return 'elsewhere'
    }
    let count = begun
    let isComplete = true
    for (;;) {
      if (this.#isClosed) {
        await this.book.transact(tx => leaveCount(tx, prefix, by))
        return 'elsewhere'
      }
      const { after } = count
      const page = await store.list({ prefix, startAfter: after === '' ? undefined : after })
      isComplete &&= page.complete
      if (!page.complete && this.book.get(prefix)?.countedAt !== undefined) {
        this.#pauseUntil = Date.now() + AGAIN_MS
        await this.book.transact(tx => dropCount(tx, prefix, by))
        return 'away'
      }
      const next = await this.book.transact(tx => {
        const done = countPage(tx, { prefix, by, after, page, now: Date.now() })
        if (done !== undefined && !page.complete) recount(tx, prefix, 0)
        return done
      })
      if (!isComplete) this.#pauseUntil = Date.now() + AGAIN_MS
      if (next === undefined) return 'elsewhere'
      if (next === 'counted') return isComplete ? 'counted' : 'away'
      count = next
      onProgress?.(count.files)
    }
  }

  #tick(): void {
    if (!this.#isUsed) this.#isUsed = this.#isClosed ? false : this.book.isUsed
    if (!this.#isUsed || this.#isClosed) return
    try {
      this.#survey.look()
    } catch {
      // What the ledger does not tell is logged by who looks after the quotas.
    }
    if (this.#looking !== undefined) return
    this.#looking = this.lookAfter()
      .catch(error => {
        this.#options.logger.warn({ error }, 'The quotas could not be looked after')
      })
      .finally(() => {
        this.#looking = undefined
      })
  }

  /** Settles what the dead worked on, and counts what is due. */
  async lookAfter(): Promise<void> {
    for (const [id, { key, outcome }] of this.#unsettled) await this.settle(key, id, outcome)
    await this.#sweep()
    if (this.#isPaused) return
    const page = this.book.page(this.#lookedThrough, LOOKED_THROUGH)
    this.#lookedThrough = page.length < LOOKED_THROUGH ? undefined : page.at(-1)?.prefix
    for (const { prefix, row } of page) {
      if (this.#isClosed || this.#isPaused) return
      if (this.#isDue(row)) await this.recount(prefix)
    }
  }

  #isDue({ count, countedAt, recountAt = Number.POSITIVE_INFINITY, late = [] }: QuotaRow): boolean {
    const { isDead, recountMs } = this.#options
    if (count !== undefined) return count.by === NOBODY || isDead(count.by)
    if (countedAt === undefined) return false
    const due = recountMs > 0 ? countedAt + recountMs : Number.POSITIVE_INFINITY
    return Date.now() >= Math.min(due, recountAt, late[0]?.until ?? recountAt)
  }

  /** Settles what processes worked on that have ended. @returns whether there was any */
  async #sweep(): Promise<boolean> {
    const { isDead } = this.#options
    let found = false
    for (const { key, value } of this.book.tables.keys.range(Buffer.alloc(0), undefined, LOOKED_THROUGH)) {
      for (const work of value.works) {
        if (work.isDone || !isDead(work.process)) continue
        found = true
        await this.#settle(key as Key, work.id, 'unsure')
      }
    }
    return found
  }
}

function closedWhile(prefix: string): StorageError {
  const message = `The storage was closed while ${prefix} was counted; the next to use its quota goes on.`
  return new StorageError({ code: 'ABORTED', op: 'quota', message })
}

interface ReservedWork {
  readonly op: string
  readonly key: Key
  readonly id: string
  readonly base: Size
  readonly size: number
}

/** Room for one work on a key, which ends by {@link settle}. */
export class Reservation {
  readonly #quotas: Quotas
  readonly #work: ReservedWork
  #held: number

  constructor(quotas: Quotas, work: ReservedWork) {
    this.#quotas = quotas
    this.#work = work
    this.#held = growth(work.base, work.size)
  }

  /**
   * Makes room for so many bytes in all, or at least for `total`.
   *
   * @returns for how many there is room. @throws `QUOTA_EXCEEDED`
   */
  async grow(total: number, wanted: number): Promise<number> {
    const { base } = this.#work
    for (const size of [wanted, total]) {
      const more = growth(base, size) - this.#held
      if (more <= 0) return size
      try {
        await this.#quotas.extend(this.#work.op, this.#work.key, this.#work.id, more)
        this.#held += more
        return size
      } catch (error) {
        if (size === total || !StorageError.is(error, 'QUOTA_EXCEEDED')) throw error
      }
    }
    return total
  }

  /** Says what has become of the key. Resolves when others have room again that this gives back; at once if it gives none. */
  async settle(outcome: Outcome): Promise<void> {
    const { key, id, base } = this.#work
    const settling = this.#quotas.settle(key, id, outcome)
    const isUsedUp = base !== undefined && outcome === Math.max(0, base) + this.#held
    if (!isUsedUp) await settling
  }
}
