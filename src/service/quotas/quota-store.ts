import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Source } from '../../core/source.js'
import type {
  Capabilities,
  CopyOptions,
  DeleteManyResult,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ObjectStat,
  OpenObject,
  OperationOptions,
  PresignOptions,
  PutOptions,
  Store,
  StorePage,
} from '../../core/store.js'
import { MeteredSource } from './metered-source.js'
import type { Intention, Outcome, Quotas } from './quotas.js'
import { NONE, type Size } from './rows.js'
import { sizesOf } from './sizes.js'

/** Of a copy whose source is being overwritten all the time. */
const COPY_TRIES = 5

/** A store that keeps to quotas. Where there is none, every call is the store's own. */
export class QuotaStore implements Store {
  readonly kind: Store['kind']
  readonly copy?: NonNullable<Store['copy']>
  readonly presign?: NonNullable<Store['presign']>
  readonly deleteMany?: NonNullable<Store['deleteMany']>
  readonly getTags?: NonNullable<Store['getTags']>
  readonly setTags?: NonNullable<Store['setTags']>
  readonly thaw?: NonNullable<Store['thaw']>
  readonly #store: Store
  readonly #quotas: Quotas

  /** @param signsAllHere whether no URL that it signs leads to somewhere else */
  constructor(store: Store, quotas: Quotas, signsAllHere: boolean) {
    this.#store = store
    this.#quotas = quotas
    this.kind = store.kind
    // What the store can do beyond the contract is asked of it when it is done: it may have been wrapped by then.
    const able = store as Required<Store>
    if (store.copy !== undefined) {
      this.copy = (from, to, options) =>
        quotas.isUsed ? this.#copy(able, from, to, options) : able.copy(from, to, options)
    }
    if (store.deleteMany !== undefined) {
      this.deleteMany = (keys, options) =>
        quotas.isUsed ? this.#deleteMany(able, keys, options) : able.deleteMany(keys, options)
    }
    if (store.presign !== undefined) {
      this.presign = (key, options) => {
        const passesBy = options.method === 'PUT' && !(signsAllHere && options.direct !== true)
        return quotas.isUsed && passesBy && quotas.book.covers(key)
          ? Promise.reject(uncounted(key, options))
          : able.presign(key, options)
      }
    }
    if (store.getTags !== undefined) this.getTags = (key, options) => able.getTags(key, options)
    if (store.setTags !== undefined) this.setTags = (key, tags, options) => able.setTags(key, tags, options)
    if (store.thaw !== undefined) this.thaw = (key, options) => able.thaw(key, options)
  }

  get capabilities(): Capabilities {
    return this.#store.capabilities
  }

  put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    return this.#quotas.isUsed ? this.#put(key, source, options) : this.#store.put(key, source, options)
  }

  get(key: Key, options?: GetOptions): Promise<OpenObject> {
    return this.#store.get(key, options)
  }

  head(key: Key, options?: OperationOptions): Promise<ObjectStat> {
    return this.#store.head(key, options)
  }

  delete(key: Key, options?: DeleteOptions): Promise<boolean> {
    return this.#quotas.isUsed ? this.#delete(key, options) : this.#store.delete(key, options)
  }

  list(options?: ListOptions): Promise<StorePage> {
    return this.#store.list(options)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    if (!this.#quotas.book.covers(key)) {
      return this.#uncovered([key], () => this.#store.put(key, source, options))
    }
    const { ifNoneMatch, onUnknown, signal } = options
    const isCreation = ifNoneMatch === '*' && onUnknown !== 'accept'
    const size = source.size ?? 0
    const reservation = await this.#quotas.begin({ op: 'put', key, size, isCreation, signal })
    if (reservation === undefined) return this.#store.put(key, source, options)
    const metered = new MeteredSource(source, source.size ?? 0, (total, wanted) =>
      reservation.grow(total, wanted),
    )
    let outcome: Outcome = 'unsure'
    try {
      const stat = await this.#store.put(key, metered, options)
      outcome = stat.size
      return stat
    } catch (error) {
      outcome = metered.isEnded ? this.#quotas.outcomeOf(error) : 'unchanged'
      throw error
    } finally {
      await reservation.settle(outcome)
    }
  }

  async #delete(key: Key, options?: DeleteOptions): Promise<boolean> {
    const remove = (): Promise<boolean> => this.#store.delete(key, options)
    if (!this.#quotas.book.covers(key)) return this.#uncovered([key], remove)
    const intention = { op: 'delete', key, size: NONE, signal: options?.signal }
    return this.#counted(intention, remove, () => NONE)
  }

  async #copy(
    store: Required<Pick<Store, 'copy'>>,
    from: Key,
    to: Key,
    options: CopyOptions = {},
  ): Promise<ObjectStat> {
    if (!this.#quotas.book.covers(to)) return this.#uncovered([to], () => store.copy(from, to, options))
    const { sourceIfMatch, ifNoneMatch, signal } = options
    const isCreation = ifNoneMatch === '*'
    for (let tries = 1; ; tries++) {
      // What room was made for is what is copied, and no larger version that takes its place meanwhile.
      const { size, etag } = await this.#store.head(from, { signal })
      try {
        return await this.#counted(
          { op: 'copy', key: to, size, isCreation, signal },
          () => store.copy(from, to, { ...options, sourceIfMatch: sourceIfMatch ?? etag }),
          stat => stat.size,
        )
      } catch (error) {
        const isOurs = sourceIfMatch === undefined && StorageError.is(error, 'PRECONDITION_FAILED')
        if (!isOurs || tries === COPY_TRIES) throw error
        if ((await this.#store.head(from, { signal })).etag === etag) throw error
      }
    }
  }

  async #deleteMany(
    store: Required<Pick<Store, 'deleteMany'>>,
    keys: readonly Key[],
    options?: OperationOptions,
  ): Promise<DeleteManyResult> {
    const { book } = this.#quotas
    const covered = new Set(keys.filter(key => book.covers(key)))
    if (covered.size === 0) return this.#uncovered(keys, () => store.deleteMany(keys, options))
    const signal = options?.signal
    const marks = new Map(Array.from(covered, key => [key, book.settledMark(key)]))
    const look = (key: Key): Promise<Size> => this.#quotas.look(key, signal)
    const sizes = await sizesOf(this.#store, [...covered], look, signal)
    const begun = await Promise.allSettled(
      Array.from(marks, async ([key, mark]) => {
        const seen = { base: sizes.get(key), mark }
        return [key, await this.#quotas.begin({ op: 'delete', key, size: NONE, seen, signal })] as const
      }),
    )
    const reservations = begun.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    let outcomeOf: (key: Key) => Outcome = () => 'unchanged'
    try {
      for (const result of begun) if (result.status === 'rejected') throw result.reason
      outcomeOf = () => 'unsure'
      const result = await store.deleteMany(keys, options)
      const failed = new Map(result.failed.map(({ key, error }) => [key, error]))
      outcomeOf = key => {
        const error = failed.get(key)
        return error === undefined ? NONE : this.#quotas.outcomeOf(error)
      }
      return result
    } finally {
      await Promise.all(reservations.map(([key, reservation]) => reservation?.settle(outcomeOf(key))))
    }
  }

  async #counted<T>(
    intention: Intention,
    call: () => Promise<T>,
    outcomeOf: (result: T) => number,
  ): Promise<T> {
    const reservation = await this.#quotas.begin(intention)
    if (reservation === undefined) return call()
    let outcome: Outcome = 'unsure'
    try {
      const result = await call()
      outcome = outcomeOf(result)
      return result
    } catch (error) {
      outcome = this.#quotas.outcomeOf(error)
      throw error
    } finally {
      await reservation.settle(outcome)
    }
  }

  /** A call on keys that no quota holds for; should one have come meanwhile, it has not counted what the call did. */
  async #uncovered<T>(keys: readonly Key[], call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } finally {
      await this.#quotas.doubtKeys(keys).catch(() => {})
    }
  }
}

/** The bucket takes what it signed for, and asks nobody. */
function uncounted(key: Key, { direct }: PresignOptions): StorageError {
  const accepted =
    direct === true
      ? 'accepted: without "direct"'
      : 'accepted: with HOLDFAST_PUBLIC_URL set, so that the URL leads to this server'
  const message = `An upload by a URL of the bucket would pass by the quota that holds for ${key}; ${accepted}.`
  return new StorageError({ code: 'UNSUPPORTED', op: 'presign', key, message })
}
