import pLimit from 'p-limit'
import { orAborted } from '../core/abort.js'
import { StorageError, throwIfAborted } from '../core/errors.js'
import { type Key, parseKey } from '../core/key.js'
import type { Store } from '../core/store.js'
import type { DeleteReport } from '../storage.js'
import { invalidArgument } from './arguments.js'

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

/**
 * The keys that a caller gives, none waited for once the signal has fired.
 *
 * @throws StorageError `INVALID_ARGUMENT` for what is no iterable, or a string: its letters are not meant;
 *   `ABORTED` where the caller's own iterable fails
 */
export function givenKeys(
  keys: Iterable<string> | AsyncIterable<string>,
  signal: AbortSignal | undefined,
): AsyncIterable<string> {
  return takeAll(iteratorOf(keys), signal)
}

async function* takeAll(
  iterator: Iterator<string> | AsyncIterator<string>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  let ended = false
  try {
    for (;;) {
      throwIfAborted(signal, 'delete')
      const next = nextOf(iterator)
      const { done, value } = await (signal === undefined
        ? next
        : orAborted(next, signal, 'delete', undefined))
      ended = done === true
      if (ended) return
      yield value
    }
  } finally {
    // Not waited for: a generator answers only after the next() it may be stuck in.
    if (!ended) Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

function iteratorOf(keys: unknown): Iterator<string> | AsyncIterator<string> {
  if (typeof keys === 'object' && keys !== null) {
    if (Symbol.asyncIterator in keys) return (keys as AsyncIterable<string>)[Symbol.asyncIterator]()
    if (Symbol.iterator in keys) return (keys as Iterable<string>)[Symbol.iterator]()
  }
  throw invalidArgument('delete', 'keys', keys, 'an array or another iterable of keys')
}

async function nextOf(iterator: Iterator<string> | AsyncIterator<string>): Promise<IteratorResult<string>> {
  try {
    return await iterator.next()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StorageError({
      code: 'ABORTED',
      op: 'delete',
      message: `The keys to delete could not all be had: ${why}`,
      cause,
    })
  }
}
