import { abortError, StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { busyState, type Context, noteUnknown, settleOvertaken } from './context.js'
import type { UnknownAttempts } from './journal.js'
import { troubleOf } from './primary.js'

/** How a mutation at the primary ended. */
export type Ended<T> =
  | { readonly how: 'done'; readonly value: T }
  /**
   * It failed. `told`: what its caller is to be told, if nothing else helps. `unknown`: it may have happened, or may
   * yet. `away`: because the primary does not work.
   */
  | {
      readonly how: 'failed'
      readonly error: unknown
      readonly told: unknown
      readonly unknown: boolean
      readonly away: boolean
    }

export interface AttemptOptions {
  readonly op: string
  readonly key: Key
  /** All keys that it mutates, where they are several. */
  readonly keys?: readonly Key[] | undefined
  /** The caller's. What it ends may have been applied. */
  readonly signal: AbortSignal | undefined
  /** The write that it makes; none for a delete. */
  readonly writeId?: string | undefined
  /** Whether the primary may have been given all that it takes to apply the mutation. */
  readonly mayBeApplied: () => boolean
}

/** Mutations at the primary that are on their way: counted, watched for silence, followed to their end. */
export class Attempts {
  readonly #context: Context
  readonly #abandoned = new Map<Key, number>()
  readonly #following = new Set<Promise<void>>()
  #running = 0

  constructor(context: Context) {
    this.#context = context
  }

  /** Mutations that have not ended, whether or not somebody waits for them. */
  get running(): number {
    return this.#running
  }

  /** Whether a mutation of the key that nobody waits for may still be on its way from this process. */
  isAbandoned(key: Key): boolean {
    return this.#abandoned.has(key)
  }

  /** Resolves when those that nobody waits for have ended. */
  async followed(): Promise<void> {
    while (this.#following.size > 0) await Promise.all(this.#following)
  }

  /**
   * Runs a mutation of the primary, and leaves it alone when the primary says nothing for too long: it then
   * counts as failed with an unknown outcome, and is followed to its end.
   *
   * @param start begins it, given what starts the clock of the first answer
   */
  run<T>(options: AttemptOptions, start: (startClock: () => void) => Promise<T>): Promise<Ended<T>> {
    const { availability, settings } = this.#context
    // Written with callbacks: every healthy upload comes through here.
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      let ended = false
      this.#running++
      const running = start(() => {
        timer ??= setTimeout(() => {
          if (ended) return
          ended = true
          const error = silentError(options, settings.firstAnswerMs)
          availability.silent(availability.writes, error)
          this.#follow(options, running)
          resolve({ how: 'failed', error, told: error, unknown: true, away: true })
        }, settings.firstAnswerMs)
      })
      running.then(
        value => {
          if (ended) return
          ended = true
          clearTimeout(timer)
          this.#running--
          availability.writes.succeeded()
          const forgetting = this.#forget(options)
          if (forgetting === undefined) resolve({ how: 'done', value })
          else forgetting.then(() => resolve({ how: 'done', value }), reject)
        },
        error => {
          if (ended) return
          ended = true
          clearTimeout(timer)
          this.#running--
          this.#judge(options, error).then(resolve, reject)
        },
      )
    })
  }

  /** What is noted of an attempt in doubt: it was signed at this moment at the latest. */
  unknown(options: AttemptOptions): UnknownAttempts {
    const { op, writeId } = options
    return { signedAt: this.#context.primary.now(), put: writeId, deletes: op === 'delete' }
  }

  /** Copies of what was there before are not served any more once the mutation is acknowledged. */
  #forget({ key, keys }: AttemptOptions): Promise<unknown> | undefined {
    const { cache } = this.#context
    if (cache === undefined) return undefined
    return keys === undefined ? cache.forget(key) : Promise.all(keys.map(other => cache.forget(other)))
  }

  async #judge(options: AttemptOptions, error: unknown): Promise<Ended<never>> {
    const { availability, primary } = this.#context
    const aborted = options.signal?.aborted === true
    const unknown = options.mayBeApplied() && (aborted || primary.outcomeOf(error) === 'unknown')
    const away = !aborted && (await availability.isAway(availability.writes, error))
    // Several keys may have gone in several requests, of which the last failed.
    if (options.keys !== undefined) await this.#forget(options)
    const told = away
      ? availability.outageError(options.op, options.key, error)
      : aborted && troubleOf(error) === 'away'
        ? // What came of it, as it was given up, is of no interest any more.
          abortError(options.signal as AbortSignal, options.op, options.key)
        : error
    return { how: 'failed', error, told, unknown, away }
  }

  #follow(options: AttemptOptions, running: Promise<unknown>): void {
    const { key } = options
    this.#abandoned.set(key, (this.#abandoned.get(key) ?? 0) + 1)
    const following = this.#followOne(options, running)
      .catch(error => {
        this.#context.logger.error({ key }, `What became of a write could not be noted: ${String(error)}`)
      })
      .finally(() => {
        this.#running--
        this.#following.delete(following)
        const left = (this.#abandoned.get(key) ?? 1) - 1
        if (left === 0) this.#abandoned.delete(key)
        else this.#abandoned.set(key, left)
        this.#context.wake(key)
      })
    this.#following.add(following)
  }

  async #followOne(options: AttemptOptions, running: Promise<unknown>): Promise<void> {
    const context = this.#context
    const failure = await running.then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    if (failure === undefined) {
      await this.#forget(options)
      const state = busyState(context, context.journal.get(options.key))
      if (state !== undefined && state.writeId !== options.writeId)
        await settleOvertaken(context, options.key)
    } else if (context.primary.outcomeOf(failure.error) === 'unknown') {
      await noteUnknown(context, options.key, this.unknown(options))
    }
  }
}

function silentError(options: AttemptOptions, waitedMs: number): StorageError {
  return new StorageError({
    code: 'TIMEOUT',
    op: options.op,
    key: options.key,
    store: 's3',
    message: `The object store began no answer within ${waitedMs} ms.`,
  })
}
