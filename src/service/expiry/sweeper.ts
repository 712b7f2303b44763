import pLimit from 'p-limit'
import { StorageError } from '../../core/errors.js'
import type { Logger } from '../../core/logger.js'
import type { WorkLease } from '../work-lease.js'
import type { DueIndex, KnownWrite } from './due-index.js'
import type { Fates } from './fates.js'

export interface SweeperOptions {
  readonly index: DueIndex
  readonly fates: Fates
  /** Held while there is something to do: one process of a folder sweeps at a time. */
  readonly lease: WorkLease
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly logger: Logger
}

/** Writes read from the index at a time. */
const BATCH = 128
/** Requests under way. */
const CONCURRENCY = 8
/** A process that lives shorter leaves the work to others. Milliseconds. */
const START_MS = 1000
/** What another process has added is seen after this long at the latest. Milliseconds. */
const LOOK_MS = 30_000
/** How long a store that is away is left alone: from this to that, doubling. Milliseconds. */
const AWAY_MS = [1000, 30_000] as const
/** How long a write that the store refuses to have removed is left alone: from this to that, doubling. Milliseconds. */
const REFUSED_MS = [60_000, 3_600_000] as const

/**
 * Removes what has expired, and ends the expiry of what was kept while the store was away. It sleeps until the next
 * write is due; what it costs grows with what is due, and not with what is stored.
 */
export class Sweeper {
  readonly #options: SweeperOptions
  readonly #limit = pLimit(CONCURRENCY)
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires, by the clock that expiries are told by. */
  #at = Number.POSITIVE_INFINITY
  #sweeping: Promise<number> | undefined
  /** How long nothing is tried, whatever is due; 0 while all is well. */
  #awayMs = 0
  #awayTimes = 0
  #closed = false
  #removed = 0

  constructor(options: SweeperOptions) {
    this.#options = options
    this.#sleep(START_MS)
  }

  /** Objects that this process has removed. */
  get removed(): number {
    return this.#removed
  }

  /** Tells that a write is due at a time. */
  expect(due: number): void {
    const delay = Math.max(0, due - this.#options.now())
    if (due < this.#at && this.#sweeping === undefined && this.#awayMs === 0) this.#sleep(delay)
  }

  /** Sees to everything that is due now, unless another process does. @returns how many objects were removed */
  sweep(): Promise<number> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined
      this.#sleepUntilDue()
    })
    return this.#sweeping
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#sweeping?.catch(() => {})
  }

  #sleep(delay: number): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    const ms = Math.min(delay, LOOK_MS)
    this.#at = this.#options.now() + ms
    this.#timer = setTimeout(() => {
      this.sweep().catch(error => {
        this.#options.logger.warn({ error }, 'Expired files could not be looked for')
      })
    }, ms).unref()
  }

  #sleepUntilDue(): void {
    if (this.#closed) return
    const next = this.#options.index.next()
    const untilDue = next === undefined ? LOOK_MS : Math.max(0, next - this.#options.now())
    this.#sleep(Math.max(untilDue, this.#awayMs))
  }

  async #sweep(): Promise<number> {
    const { index, fates, lease, now, logger } = this.#options
    const before = this.#removed
    this.#awayMs = 0
    try {
      while (!this.#closed) {
        const batch = index.due(now(), BATCH)
        if (batch.length === 0) break
        if (!(await lease.hold())) {
          this.#awayMs = LOOK_MS
          break
        }
        const failed: [KnownWrite, unknown][] = []
        const settle = async (write: KnownWrite): Promise<void> => {
          try {
            if (!this.#closed && (await fates.settle(write))) this.#removed++
          } catch (error) {
            failed.push([write, error])
          }
        }
        await Promise.all(batch.map(write => this.#limit(() => settle(write))))
        if (failed.length === batch.length && failed.every(([, error]) => isAway(error))) {
          this.#awayMs = Math.min(AWAY_MS[0] * 2 ** this.#awayTimes++, AWAY_MS[1])
          break
        }
        this.#awayTimes = 0
        await Promise.all(failed.map(([write, error]) => this.#postpone(write, error)))
      }
    } catch (error) {
      // The ledger takes no commits; trying at once would be trying without end.
      this.#awayMs = AWAY_MS[1]
      throw error
    } finally {
      await lease.release()
      const removed = this.#removed - before
      if (removed > 0) logger.debug({ removed }, 'Removed what has expired')
    }
    return this.#removed - before
  }

  /** One write that cannot be seen to must not stand in the way of the others. */
  async #postpone({ key, writeId }: KnownWrite, error: unknown): Promise<void> {
    const { index, now, logger } = this.#options
    const known = index.get(key, writeId)
    if (known === undefined) return
    const { failures = 0 } = known
    logger.warn({ key, error }, 'An expired file could not be removed; it is tried again later')
    const due = now() + Math.min(REFUSED_MS[0] * 2 ** failures, REFUSED_MS[1])
    await index.change(known, { ...known, due, failures: failures + 1 })
  }
}

function isAway(error: unknown): boolean {
  return StorageError.is(error) && error.retryable
}
