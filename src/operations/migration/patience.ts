import { StorageError } from '../../core/errors.js'
import { pause } from './pause.js'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 10_000
/** What fails so often while other things succeed is not tried again: the store is not the trouble. */
const ATTEMPTS = 5

/** Tries again while a store is away: it may come back, and what was begun is gone on with. */
export class Patience {
  readonly #patienceMs: number
  readonly #signal: AbortSignal | undefined
  #succeededAt = performance.now()
  #successes = 0
  #lost: StorageError | undefined

  constructor(patienceMs: number, signal: AbortSignal | undefined) {
    this.#patienceMs = patienceMs
    this.#signal = signal
  }

  /** The error for which it was given up, once it was. */
  get lost(): StorageError | undefined {
    return this.#lost
  }

  /**
   * Does something that may be done again.
   *
   * @throws what it throws at last; once the store is given up, everything throws that
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#successes
    let wait = FIRST_WAIT_MS
    for (let attempt = 1; ; attempt++) {
      if (this.#lost !== undefined) throw this.#lost
      try {
        const result = await work()
        this.#successes++
        this.#succeededAt = performance.now()
        return result
      } catch (error) {
        if (!StorageError.is(error) || !error.retryable) {
          // It has answered: it is not away.
          if (StorageError.is(error) && error.code !== 'ABORTED') this.#succeededAt = performance.now()
          throw error
        }
        if (attempt >= ATTEMPTS && this.#successes > before) throw error
        if (performance.now() - this.#succeededAt + wait > this.#patienceMs) {
          this.#lost ??= error
          throw error
        }
        await pause(Math.max(wait * (0.5 + Math.random() / 2), error.retryAfterMs ?? 0), this.#signal)
        wait = Math.min(wait * 2, LONGEST_WAIT_MS)
      }
    }
  }
}
