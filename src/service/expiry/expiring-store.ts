import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { attributesOf } from '../../core/attributes.js'
import { isConditional } from '../../core/condition.js'
import { StorageError, shown } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Logger } from '../../core/logger.js'
import { OnceMore } from '../../core/once-more.js'
import type { Source } from '../../core/source.js'
import type {
  Capabilities,
  Condition,
  CopyOptions,
  DeleteManyResult,
  DeleteOptions,
  GetOptions,
  ListedObject,
  ListOptions,
  ObjectStat,
  OpenObject,
  OperationOptions,
  PutOptions,
  Store,
  StorePage,
} from '../../core/store.js'
import { expiryOfWriteId, isLastingWriteId, newWriteId } from '../../core/write-id.js'
import type { DueIndex, ExpiringWrite, KnownWrite } from './due-index.js'
import { type Fates, isOther, notFound } from './fates.js'

export interface ExpiringStoreOptions {
  /** Holds the objects, and what they carry; knows nothing of expiries. */
  readonly store: Store
  readonly index: DueIndex
  readonly fates: Fates
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly logger: Logger
  /** Told of when a write is due. */
  readonly expect: (due: number) => void
  /** Whether what the index holds outlives this process; else nothing can be stored with an expiry. */
  readonly isDurable: boolean
}

/**
 * How long an expired object of which the index knew nothing is left to whoever wrote it. On a store that others use
 * too, its host may have kept it and be cut off. Milliseconds.
 */
const OTHERS_MS = 24 * 3_600_000
/** How long the sweeper leaves a key alone that is being written. Milliseconds. */
const WITHHELD_MS = 60_000
/** How long a write waits for a removal that has begun, and how often it looks. Milliseconds. */
const WITHHELD_WAIT_MS = 2000
const WITHHELD_LOOK_MS = 10
/** Objects of one page of a listing that are asked for at once. */
const CONCURRENCY = 16
/** How often a write is made anew because what was in its way is gone. */
const ATTEMPTS = 5
/** More than the sweeper removes while a page is listed. */
const REMOVABLE = 1000

/**
 * A store in which an object with an expiry is gone when that has passed: for reads, listings and conditions at once,
 * its bytes soon after. Objects without one, and those who read and write them, pay nothing for that.
 */
export class ExpiringStore implements Store {
  readonly kind: Store['kind']
  readonly copy?: NonNullable<Store['copy']>
  readonly presign?: NonNullable<Store['presign']>
  readonly deleteMany?: NonNullable<Store['deleteMany']>
  readonly getTags?: NonNullable<Store['getTags']>
  readonly setTags?: NonNullable<Store['setTags']>
  readonly thaw?: NonNullable<Store['thaw']>
  readonly #options: ExpiringStoreOptions
  readonly #store: Store
  readonly #index: DueIndex
  readonly #fates: Fates
  /** What nobody waits for but the close. */
  readonly #background = new Set<Promise<unknown>>()

  constructor(options: ExpiringStoreOptions) {
    this.#options = options
    const { store } = options
    this.#store = store
    this.#index = options.index
    this.#fates = options.fates
    this.kind = store.kind
    // What the store can do beyond the contract is asked of it when it is done: it may have been wrapped by then.
    if (hasCopy(store)) this.copy = (from, to, given) => this.#copy(store, from, to, given)
    if (hasPresign(store)) this.presign = (key, given) => store.presign(key, given)
    if (hasDeleteMany(store)) this.deleteMany = (keys, given) => this.#deleteMany(store, keys, given)
    if (hasTags(store)) {
      this.getTags = (key, given) => this.#ofLive('tags', key, given, () => store.getTags(key, given))
      this.setTags = (key, tags, given) =>
        this.#ofLive('tags', key, given, () => store.setTags(key, tags, given))
    }
    if (hasThaw(store))
      this.thaw = (key, given) => this.#ofLive('thaw', key, given, () => store.thaw(key, given))
  }

  get capabilities(): Capabilities {
    return this.#store.capabilities
  }

  put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    const isPlain = options.attributes.expiresAt === undefined && !isConditional(options)
    return isPlain && this.#index.isEmpty
      ? this.#store.put(key, source, options)
      : this.#put(key, source, options)
  }

  async #put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    const { attributes, onUnknown } = options
    const write = this.#begin('put', key, attributes.expiresAt, options.writeId)
    const before = this.#known(key)
    const condition = await this.#condition('put', key, before, options, onUnknown === 'accept')
    const again = new OnceMore(source)
    const writeId = write?.writeId ?? options.writeId
    return this.#replace(key, before, write, () =>
      this.#overExpired(key, options, condition, again, ({ ifMatch, ifNoneMatch }) =>
        this.#store.put(key, again, { ...options, writeId, ifMatch, ifNoneMatch }),
      ),
    )
  }

  async get(key: Key, options: GetOptions = {}): Promise<OpenObject> {
    let opened: OpenObject
    try {
      opened = await this.#store.get(key, options)
    } catch (error) {
      // Other refusals than that it is not there hold only for what is.
      const isGone = mayBeOfExpired(error, options) && (await this.#expiredOrGone(key, options.signal))
      throw isGone ? notFound('get', key) : error
    }
    if (opened.stat.expiresAt === undefined) return opened
    try {
      return { ...opened, stat: this.#seen('get', opened.stat) }
    } catch (error) {
      await opened.body.close()
      throw error
    }
  }

  async head(key: Key, options?: OperationOptions): Promise<ObjectStat> {
    const stat = await this.#store.head(key, options)
    return stat.expiresAt === undefined ? stat : this.#seen('head', stat)
  }

  /** Does something with an object that has not expired. @throws `NOT_FOUND` */
  async #ofLive<T>(
    op: string,
    key: Key,
    options: OperationOptions | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const stat = await this.#store.head(key, { signal: options?.signal })
    if (stat.expiresAt !== undefined) this.#seen(op, stat)
    return work()
  }

  delete(key: Key, options?: DeleteOptions): Promise<boolean> {
    return options?.ifMatch === undefined && this.#index.isEmpty
      ? this.#store.delete(key, options)
      : this.#delete(key, options)
  }

  async #delete(key: Key, options: DeleteOptions = {}): Promise<boolean> {
    const before = this.#known(key)
    if (options.ifMatch !== undefined) await this.#requireLive('delete', key, options)
    // The sweeper is about to.
    else if (before.some(known => this.#isOver(known)) && (await this.#isExpired(key, options.signal)))
      return false
    const deleted = await this.#store.delete(key, options)
    this.#supersede(before)
    return deleted
  }

  async #deleteMany(
    store: Having<'deleteMany'>,
    keys: readonly Key[],
    options?: OperationOptions,
  ): Promise<DeleteManyResult> {
    if (this.#index.isEmpty) return store.deleteMany(keys, options)
    const before = keys.flatMap(key => this.#index.ofKey(key))
    const result = await store.deleteMany(keys, options)
    const failed = new Set(result.failed.map(({ key }) => key))
    this.#supersede(before.filter(({ key }) => !failed.has(key)))
    return result
  }

  async list(options?: ListOptions): Promise<StorePage> {
    const over = this.#removable()
    const page = await this.#store.list(options)
    const gone = new Set(page.objects.filter(object => this.#tellsExpired(object)))
    await this.#addRemotelyExpired(page.objects, over, gone, options?.signal)
    return gone.size === 0 ? page : { ...page, objects: page.objects.filter(object => !gone.has(object)) }
  }

  async close(): Promise<void> {
    await this.settled()
    await this.#store.close()
  }

  /** Settles when nothing is noted in the background any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#background)
  }

  /** Whether the expiry that an object of this ETag carries does not count any more. */
  isKept(key: Key, etag: string): boolean {
    return this.#index.get(key, etag)?.fate === 'kept'
  }

  async #copy(store: Having<'copy'>, from: Key, to: Key, options: CopyOptions = {}): Promise<ObjectStat> {
    const { attributes, sourceIfMatch, signal } = options
    const isLasting = sourceIfMatch !== undefined && isLastingWriteId(sourceIfMatch)
    const source = isLasting ? undefined : await this.head(from, { signal })
    const expiresAt = attributes === undefined ? source?.expiresAt : attributes.expiresAt
    const write = this.#begin('copy', to, expiresAt, options.writeId)
    const before = this.#known(to)
    const condition = await this.#condition('copy', to, before, options, false)
    const given: CopyOptions = {
      ...options,
      writeId: write?.writeId ?? options.writeId,
      ...(source?.expiresAt !== undefined && {
        // What was looked at is what is copied, and without an expiry that does not count any more.
        attributes: attributes ?? attributesOf(source),
        sourceIfMatch: sourceIfMatch ?? source.etag,
      }),
    }
    return this.#replace(to, before, write, () =>
      this.#overExpired(to, options, condition, undefined, ({ ifMatch, ifNoneMatch }) =>
        store.copy(from, to, { ...given, ifMatch, ifNoneMatch }),
      ),
    )
  }

  /** @throws StorageError `NOT_FOUND` */
  #seen(op: string, stat: ObjectStat): ObjectStat {
    const seen = this.#fates.seen(stat)
    if (seen !== undefined) return seen
    this.#takeIn(stat)
    throw notFound(op, stat.key)
  }

  /** Of an expired object that the index does not know, whoever wrote it may never remove it. */
  #takeIn(stat: ObjectStat): void {
    const { key, expiresAt, writeId } = stat
    if (expiresAt === undefined || writeId === undefined || this.#index.get(key, writeId) !== undefined)
      return
    const due = this.kind === 's3' ? expiresAt + OTHERS_MS : expiresAt
    this.#inBackground(this.#expect({ key, writeId, due }))
  }

  /** The write that is about to be made, if it expires. @throws `UNSUPPORTED` */
  #begin(
    op: string,
    key: Key,
    expiresAt: number | undefined,
    writeId: string | undefined,
  ): ExpiringWrite | undefined {
    if (expiresAt === undefined) return undefined
    if (!this.#options.isDurable) {
      const message =
        'Without the storage folder nothing can be stored with an expiry: what is to be removed later is noted there. Set OBJECT_STORAGE_FALLBACK=true.'
      throw new StorageError({ code: 'UNSUPPORTED', op, key, message })
    }
    return { key, writeId: writeId ?? newWriteId(expiresAt), due: expiresAt }
  }

  /** Notes a write durably. An object that nobody would remove is worse than a note that nothing became of. */
  async #expect(write: ExpiringWrite): Promise<void> {
    await this.#index.add(write)
    this.#options.expect(write.due)
  }

  /** Notes that a write was done, and what was: where the store may be away when it is to be kept. */
  async #acknowledged(write: ExpiringWrite | undefined, stat: ObjectStat): Promise<void> {
    if (write === undefined || this.kind !== 's3') return
    const known = this.#index.get(write.key, write.writeId)
    const { path, pending, ...told } = stat
    // Kept already by somebody who saw it there.
    if (known === undefined || known.fate !== undefined) return
    await this.#quietly(this.#index.change(known, { ...known, stat: told }))
  }

  /**
   * Makes a write, which is noted before if it expires, in the place of known ones.
   *
   * @param before the known writes of the key
   * @param write undefined if it does not expire
   */
  async #replace(
    key: Key,
    before: readonly KnownWrite[],
    write: ExpiringWrite | undefined,
    work: () => Promise<ObjectStat>,
  ): Promise<ObjectStat> {
    const withheld = before.length === 0 ? before : await this.#withheld(key)
    if (write !== undefined) await this.#expect(write)
    try {
      const stat = await work()
      await this.#acknowledged(write, stat)
      this.#supersede(withheld)
      return stat
    } catch (error) {
      for (const known of withheld) {
        const due = before.find(({ writeId }) => writeId === known.writeId)?.due
        if (due !== undefined && due !== known.due)
          this.#inBackground(this.#index.change(known, { ...known, due }))
      }
      throw error
    }
  }

  /**
   * The known writes of a key that is about to be written, withheld from the sweeper meanwhile: at a server that takes
   * no conditions on a delete, its own could come after the write, and remove that.
   */
  async #withheld(key: Key): Promise<readonly KnownWrite[]> {
    const { now } = this.#options
    const end = performance.now() + WITHHELD_WAIT_MS
    for (;;) {
      const known = this.#known(key)
      if (this.kind !== 's3' || known.length === 0) return known
      let isWithheld = true
      for (const write of known) {
        const until = now() + WITHHELD_MS
        if (write.fate === 'taken') isWithheld = false
        else if (write.due < until)
          isWithheld = (await this.#index.change(write, { ...write, due: until })) !== undefined && isWithheld
      }
      if (isWithheld) return this.#known(key)
      // A removal is under way; if that takes long, the store is away, and orders the two itself.
      if (performance.now() > end) return known
      await sleep(WITHHELD_LOOK_MS)
    }
  }

  #known(key: Key): readonly KnownWrite[] {
    return this.#index.isEmpty ? NONE : this.#index.ofKey(key)
  }

  /** Forgets writes that were acknowledged, and then replaced or removed. */
  #supersede(before: readonly KnownWrite[]): void {
    for (const known of before) {
      if (known.stat !== undefined && known.fate !== 'taken') this.#inBackground(this.#index.forget(known))
    }
  }

  #inBackground(work: Promise<unknown>): void {
    const done = this.#quietly(work).finally(() => this.#background.delete(done))
    this.#background.add(done)
  }

  /** Notes something that is of use, and without which nothing is wrong. */
  async #quietly(work: Promise<unknown>): Promise<void> {
    await work.catch(error => {
      this.#options.logger.debug({ error }, 'The index of what expires could not be changed')
    })
  }

  #isOver(known: KnownWrite): boolean {
    return this.#fates.isOver(expiryOfWriteId(known.writeId) ?? known.due, known)
  }

  /** Whether the object that a store lists is known to have expired: by its ETag, where that is its write's name. */
  #tellsExpired({ key, etag }: ListedObject): boolean {
    const expiresAt = expiryOfWriteId(etag)
    if (expiresAt === undefined || expiresAt > this.#options.now()) return false
    return this.#fates.isOver(expiresAt, this.#index.get(key, etag))
  }

  /** Keys that may be removed from an object store, and forgotten, while it is being listed: those that are removed next. */
  #removable(): ReadonlySet<Key> {
    if (this.kind !== 's3' || this.#index.isEmpty) return NO_KEYS
    const due = this.#index.due(this.#options.now(), REMOVABLE)
    return new Set(due.filter(known => this.#isOver(known)).map(({ key }) => key))
  }

  /**
   * An object store lists other ETags: of what is known to have expired it is asked whether it is that, or gone by now.
   *
   * @param over what was known to have expired when the listing began
   */
  async #addRemotelyExpired(
    objects: readonly ListedObject[],
    over: ReadonlySet<Key>,
    gone: Set<ListedObject>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (this.kind !== 's3' || (over.size === 0 && this.#index.isEmpty)) return
    const limit = pLimit(CONCURRENCY)
    const asked = objects.filter(
      ({ key, etag }) =>
        expiryOfWriteId(etag) === undefined &&
        (over.has(key) || this.#index.ofKey(key).some(known => this.#isOver(known))),
    )
    await Promise.all(
      asked.map(object =>
        limit(async () => {
          if ((await this.#expiredOrGone(object.key, signal)) !== undefined) gone.add(object)
        }),
      ),
    )
  }

  /**
   * The object under a key if it has expired, or that there is none (any more, where the sweeper came first); undefined
   * for one that counts, and as long as the store cannot be asked.
   */
  async #expiredOrGone(key: Key, signal: AbortSignal | undefined): Promise<ObjectStat | 'gone' | undefined> {
    let stat: ObjectStat
    try {
      stat = await this.#store.head(key, { signal })
    } catch (error) {
      if (StorageError.is(error, 'ABORTED')) throw error
      return StorageError.is(error, 'NOT_FOUND') ? 'gone' : undefined
    }
    if (this.#fates.seen(stat) !== undefined) return undefined
    this.#takeIn(stat)
    return stat
  }

  /** The object under a key if it has expired, as far as the store can be asked. */
  async #expired(key: Key, signal: AbortSignal | undefined): Promise<ObjectStat | undefined> {
    const found = await this.#expiredOrGone(key, signal)
    return found === 'gone' ? undefined : found
  }

  async #isExpired(key: Key, signal: AbortSignal | undefined): Promise<boolean> {
    return (await this.#expired(key, signal)) !== undefined
  }

  /**
   * A condition as it is to be given to the store, which takes an expired object for one that is there.
   *
   * @throws `PRECONDITION_FAILED`
   */
  async #condition(
    op: string,
    key: Key,
    before: readonly KnownWrite[],
    options: Condition & OperationOptions,
    acceptsUnknown: boolean,
  ): Promise<Condition> {
    const { ifMatch, ifNoneMatch, signal } = options
    if (ifMatch !== undefined) await this.#requireLive(op, key, options, acceptsUnknown)
    if (ifNoneMatch === undefined) return { ifMatch }
    if (ifNoneMatch !== '*') {
      const isGone = this.#tellsExpired({ key, etag: ifNoneMatch } as ListedObject)
      return { ifMatch, ifNoneMatch: isGone ? undefined : ifNoneMatch }
    }
    // Asked before the content is read, where there is reason to.
    const over = before.some(known => this.#isOver(known)) ? await this.#expired(key, signal) : undefined
    return over === undefined ? { ifMatch, ifNoneMatch } : { ifMatch: over.etag }
  }

  /**
   * Makes a write. One that is only to create takes the place of an expired object, and of no other.
   *
   * @param first the condition to begin with; the options' own, unless an expired object is known to be there
   * @param content what must be readable once more for another attempt
   */
  async #overExpired(
    key: Key,
    { ifMatch, ifNoneMatch, signal }: Condition & OperationOptions,
    first: Condition,
    content: OnceMore | undefined,
    write: (condition: Condition) => Promise<ObjectStat>,
  ): Promise<ObjectStat> {
    let condition = first
    for (let attempt = 1; ; attempt++) {
      try {
        return await write(condition)
      } catch (error) {
        if (ifNoneMatch !== '*' || content?.readable === false) throw error
        if (condition.ifNoneMatch === undefined) {
          // What had expired is gone, or replaced.
          if (!isOther(error)) throw error
          condition = { ifMatch, ifNoneMatch }
          continue
        }
        const over = StorageError.is(error, 'ALREADY_EXISTS') && (await this.#expiredOrGone(key, signal))
        if (!over || attempt > ATTEMPTS) throw error
        // Where the sweeper has removed it since, there is nothing in the way any more.
        if (over !== 'gone') condition = { ifMatch: over.etag }
      }
    }
  }

  /** @throws `PRECONDITION_FAILED` if the object of an ETag has expired; what else there is, the store decides */
  async #requireLive(
    op: string,
    key: Key,
    { ifMatch = '', signal }: Condition & OperationOptions,
    acceptsUnknown = false,
  ): Promise<void> {
    if (isLastingWriteId(ifMatch)) return
    const expiresAt = expiryOfWriteId(ifMatch)
    const isGone =
      expiresAt === undefined
        ? // An ETag of the object store's own: only it knows what that stands for.
          this.kind === 's3' && !acceptsUnknown && (await this.#isExpired(key, signal))
        : this.#fates.isOver(expiresAt, this.#index.get(key, ifMatch))
    if (!isGone) return
    const message = `An object with the ETag ${shown(ifMatch)} was asked for, and it has expired.`
    throw new StorageError({ code: 'PRECONDITION_FAILED', op, key, store: this.kind, message })
  }
}

const NONE: readonly KnownWrite[] = []
const NO_KEYS: ReadonlySet<Key> = new Set()

/** A store that has one of the methods which not all have. */
type Having<M extends 'copy' | 'presign' | 'deleteMany' | 'getTags' | 'setTags' | 'thaw'> = Store &
  Required<Pick<Store, M>>

function hasCopy(store: Store): store is Having<'copy'> {
  return store.copy !== undefined
}

function hasPresign(store: Store): store is Having<'presign'> {
  return store.presign !== undefined
}

function hasDeleteMany(store: Store): store is Having<'deleteMany'> {
  return store.deleteMany !== undefined
}

function hasTags(store: Store): store is Having<'getTags' | 'setTags'> {
  return store.getTags !== undefined && store.setTags !== undefined
}

function hasThaw(store: Store): store is Having<'thaw'> {
  return store.thaw !== undefined
}

/** Whether the store may have refused to read what has expired for another reason. */
function mayBeOfExpired(error: unknown, { ifNoneMatch }: Condition): boolean {
  if (!StorageError.is(error)) return false
  const { code } = error
  if (code === 'PRECONDITION_FAILED') return ifNoneMatch !== undefined && !isLastingWriteId(ifNoneMatch)
  return code === 'RANGE_NOT_SATISFIABLE' || code === 'ARCHIVED'
}
