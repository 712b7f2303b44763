import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { busyState, type Context, noteUnknown, settleOvertaken } from './context.js'
import type { UnknownAttempts } from './journal.js'

/** How a mutation at the primary ended. */
export type Ended<T> =
  | { readonly how: 'done'; readonly value: T }
  /** It failed. `unknown`: it may have happened, or may yet. `away`: because the primary does not work. */
  | { readonly how: 'failed'; readonly error: unknown; readonly unknown: boolean; readonly away: boolean }

export interface AttemptOptions {
  readonly op: string
  readonly key: Key
  /** The caller's. What it ends may have been applied. */
  readonly signal: AbortSignal | undefined
  /** The write that it makes; none for a delete. */
  readonly writeId?: string | undefined
  /** Whether the primary may have been given all that it takes to apply the mutation. */
  readonly mayBeApplied: () => boolean
}

type Result<T> = { readonly value: T } | { readonly error: unknown }

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
  async run<T>(options: AttemptOptions, start: (startClock: () => void) => Promise<T>): Promise<Ended<T>> {
    const { availability, settings } = this.#context
    this.#running++
    let timer: NodeJS.Timeout | undefined
    let onSilence: (value: undefined) => void
    const silence = new Promise<undefined>(resolve => {
      onSilence = resolve
    })
    const running = resultOf(
      start(() => {
        timer ??= setTimeout(() => onSilence(undefined), settings.firstAnswerMs)
      }),
    )
    const result = await Promise.race([running, silence])
    clearTimeout(timer)
    if (result === undefined) {
      const error = silentError(options, settings.firstAnswerMs)
      availability.silent(availability.writes, error)
      this.#follow(options, running)
      return { how: 'failed', error, unknown: true, away: true }
    }
    this.#running--
    return this.#judge(options, result)
  }

  /** What is noted of an attempt in doubt: it was signed at this moment at the latest. */
  unknown(options: AttemptOptions): UnknownAttempts {
    const { op, writeId } = options
    return { signedAt: this.#context.primary.now(), put: writeId, deletes: op === 'delete' }
  }

  async #judge<T>(options: AttemptOptions, result: Result<T>): Promise<Ended<T>> {
    const { availability, primary } = this.#context
    if ('value' in result) {
      availability.writes.succeeded()
      return { how: 'done', value: result.value }
    }
    const { error } = result
    const aborted = options.signal?.aborted === true
    const unknown = options.mayBeApplied() && (aborted || primary.outcomeOf(error) === 'unknown')
    const away = !aborted && (await availability.isAway(availability.writes, error))
    return { how: 'failed', error, unknown, away }
  }

  #follow<T>(options: AttemptOptions, running: Promise<Result<T>>): void {
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

  async #followOne<T>(options: AttemptOptions, running: Promise<Result<T>>): Promise<void> {
    const context = this.#context
    const result = await running
    if ('value' in result) {
      const state = busyState(context, context.journal.get(options.key))
      if (state !== undefined && state.writeId !== options.writeId)
        await settleOvertaken(context, options.key)
    } else if (context.primary.outcomeOf(result.error) === 'unknown') {
      await noteUnknown(context, options.key, this.unknown(options))
    }
  }
}

function resultOf<T>(running: Promise<T>): Promise<Result<T>> {
  return running.then(
    value => ({ value }),
    error => ({ error }),
  )
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
