import pLimit from 'p-limit'
import { StorageError } from '../core/errors.js'
import { type Key, parseKey } from '../core/key.js'
import type { Store } from '../core/store.js'
import type { DeleteReport } from '../storage.js'

/** Keys of one request, where the store can remove many at once (S3 API, "DeleteObjects"). */
const BATCH = 1000
const CONCURRENCY = 16

/** Removes any number of objects, in batches as they come; a failure is kept and stops none of the others. */
export class Deletion {
  readonly #store: Store
  readonly #signal: AbortSignal | undefined
  readonly #limit = pLimit(CONCURRENCY)
  readonly #failed: { key: string; error: StorageError }[] = []
  #batch: Key[] = []
  #deleted = 0

  constructor(store: Store, signal: AbortSignal | undefined) {
    this.#store = store
    this.#signal = signal
  }

  /** Adds a key; an invalid one is reported as failed. */
  async add(key: string): Promise<void> {
    try {
      this.#batch.push(parseKey(key, 'delete'))
    } catch (error) {
      this.#fail(key, error)
    }
    if (this.#batch.length >= BATCH) await this.#flush()
  }

  /** Removes what is left and reports. */
  async finish(): Promise<DeleteReport> {
    await this.#flush()
    return { deleted: this.#deleted, failed: this.#failed }
  }

  async #flush(): Promise<void> {
    const keys = this.#batch
    this.#batch = []
    if (keys.length === 0) return
    if (this.#store.deleteMany !== undefined) {
      const result = await this.#store.deleteMany(keys, { signal: this.#signal })
      this.#deleted += result.deleted
      for (const { key, error } of result.failed) this.#fail(key, error)
      return
    }
    await Promise.all(keys.map(key => this.#limit(() => this.#deleteOne(key))))
  }

  async #deleteOne(key: Key): Promise<void> {
    try {
      await this.#store.delete(key, { signal: this.#signal })
      this.#deleted++
    } catch (error) {
      if (StorageError.is(error, 'ABORTED')) throw error
      this.#fail(key, error)
    }
  }

  #fail(key: string, error: unknown): void {
    if (!StorageError.is(error)) throw error
    this.#failed.push({ key, error })
  }
}
