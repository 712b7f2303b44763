import { type ErrorCode, StorageError } from '../../src/core/errors.js'
import type { Key } from '../../src/core/key.js'
import { openSource, readChunks, type Source } from '../../src/core/source.js'
import { StampClock } from '../../src/core/stamp.js'
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
  PutOptions,
  Store,
  StorePage,
} from '../../src/core/store.js'
import type { Primary, Sighting } from '../../src/failover/primary.js'
import { MemoryStore } from '../../src/stores/memory.js'

/**
 * What befalls a request. `refused`: it certainly did nothing. `lost`: it is applied, and its answer lost.
 * `late`: no answer, and it is applied when the test says so, or never. `silent`: it is `late`, but says nothing
 * until the test ends it. `forbidden`: by a refusal that may be of this object, or of all. `locked`: by one that is of
 * all, as of wrong credentials.
 */
export type Fault = 'none' | 'refused' | 'lost' | 'late' | 'silent' | 'forbidden' | 'locked'

/** As what the faults that certainly did nothing are told. */
const CODES: Partial<Record<Fault, ErrorCode>> = {
  refused: 'UNAVAILABLE',
  forbidden: 'PERMISSION_DENIED',
  locked: 'UNAUTHENTICATED',
}

/** A mutation that may still be applied. */
export interface Ghost {
  readonly key: Key
  readonly kind: 'put' | 'delete'
  readonly signedAt: number
  land(): Promise<void>
}

/** A store in memory that fails as a test wants it to, and a clock of its own. */
export class FaultyPrimary implements Primary {
  readonly target = 'memory/bucket'
  readonly inner = new MemoryStore()
  readonly store: Store
  /** Mutations that may be applied later. */
  readonly ghosts: Ghost[] = []
  readonly #unknown = new WeakSet<Error>()
  readonly #silent: ((error: Error) => void)[] = []
  writes: Fault = 'none'
  reads: Fault = 'none'
  /** Decides over single requests, where a test wants more than {@link writes} and {@link reads}. */
  fate: ((op: string, key: string) => Fault) | undefined
  /** Called when a mutation arrives, before anything comes of it. */
  onMutation: ((op: string, key: string) => Promise<void> | void) | undefined
  /** How long requests and answers are on their way. */
  travel: (() => Promise<void>) | undefined
  /** Milliseconds by which the store's own clock is behind. */
  behindMs = 0
  /** Milliseconds; both the signer's and the store's. */
  time = 1_000_000
  /** Stamps of this host's own writes; a test with a real folder gives that one's. */
  clock: StampClock
  /** Requests so far, by name. */
  readonly counts: Record<string, number> = {}

  constructor(capabilities: Partial<Capabilities> = {}, host = 'host1') {
    this.clock = new StampClock({ host, now: () => this.time })
    this.store = new FaultyStore(this, { ...this.inner.capabilities, ...capabilities })
  }

  outcomeOf(error: unknown): 'failed' | 'unknown' {
    return error instanceof Error && this.#unknown.has(error) ? 'unknown' : 'failed'
  }

  now(): number {
    return this.time
  }

  async look(key: Key): Promise<Sighting> {
    try {
      return { object: await this.store.head(key), time: this.time - this.behindMs }
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return { object: undefined, time: this.time - this.behindMs }
      throw error
    }
  }

  /** Ends every request that says nothing. */
  endSilence(): void {
    for (const reject of this.#silent.splice(0)) reject(this.trouble('put', 'late'))
  }

  async read<T>(op: string, key: string, ask: () => Promise<T>): Promise<T> {
    this.counts[op] = (this.counts[op] ?? 0) + 1
    await this.travel?.()
    const fault = this.fate?.(op, key) ?? this.reads
    if (fault !== 'none') throw this.trouble(op, fault)
    const answer = await ask()
    await this.travel?.()
    return answer
  }

  async mutate<T>(op: 'put' | 'delete', key: Key, apply: () => Promise<T>): Promise<T> {
    this.counts[op] = (this.counts[op] ?? 0) + 1
    await this.onMutation?.(op, key)
    const fault = this.fate?.(op, key) ?? this.writes
    if (fault === 'none' || fault === 'lost') {
      const applied = apply()
      await Promise.allSettled([applied])
      await this.travel?.()
      if (fault === 'none') return applied
    }
    if ((fault === 'late' || fault === 'silent') && !key.startsWith('.holdfast/')) {
      const land = async (): Promise<void> => {
        await apply().catch(() => {})
      }
      this.ghosts.push({ key, kind: op, signedAt: this.time, land })
    }
    if (fault === 'silent') await new Promise((_, reject) => this.#silent.push(reject))
    throw this.trouble(op, fault)
  }

  trouble(op: string, fault: Fault): StorageError {
    const code = CODES[fault]
    const message = `The request was ${fault}.`
    const error = new StorageError({ code: code ?? 'TIMEOUT', op, store: 's3', message })
    if (code === undefined) this.#unknown.add(error)
    return error
  }
}

class FaultyStore implements Store {
  readonly kind = 's3'
  readonly capabilities: Capabilities
  readonly #primary: FaultyPrimary

  constructor(primary: FaultyPrimary, capabilities: Capabilities) {
    this.#primary = primary
    this.capabilities = capabilities
  }

  async put(key: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    const pieces: Buffer[] = []
    for await (const piece of readChunks(source, 1024 * 1024)) pieces.push(Buffer.from(piece))
    const { signal, ...given } = options
    const rest = { ...given, stamp: given.stamp ?? this.#primary.clock.next() }
    const content = Buffer.concat(pieces)
    const stat = await this.#primary.mutate('put', key, async () =>
      this.#primary.inner.put(key, await openSource(content), rest),
    )
    source.release(content.length)
    return stat
  }

  get(key: Key, options?: GetOptions): Promise<OpenObject> {
    return this.#primary.read('get', key, () => this.#primary.inner.get(key, options))
  }

  head(key: Key): Promise<ObjectStat> {
    return this.#primary.read('head', key, () => this.#primary.inner.head(key))
  }

  delete(key: Key, { ifMatch }: DeleteOptions = {}): Promise<boolean> {
    return this.#primary.mutate('delete', key, () => this.#primary.inner.delete(key, { ifMatch }))
  }

  /** As the S3 store does it: under a new write id, stamped by this host. */
  copy(from: Key, to: Key, options: CopyOptions = {}): Promise<ObjectStat> {
    const stamped = { ...options, signal: undefined, stamp: this.#primary.clock.next() }
    return this.#primary.mutate('put', to, () => this.#primary.inner.copy(from, to, stamped))
  }

  /** One request a key, which is what befalls each of them alone. */
  async deleteMany(keys: readonly Key[], options: OperationOptions = {}): Promise<DeleteManyResult> {
    const failed: { key: Key; error: StorageError }[] = []
    for (const key of keys) {
      try {
        await this.delete(key, options)
      } catch (error) {
        if (!StorageError.is(error)) throw error
        failed.push({ key, error })
      }
    }
    return { deleted: keys.length - failed.length, failed }
  }

  list(options?: ListOptions): Promise<StorePage> {
    return this.#primary.read('list', options?.prefix ?? '', () => this.#primary.inner.list(options))
  }

  async close(): Promise<void> {}
}
