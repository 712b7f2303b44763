import { StorageError } from '../../src/core/errors.js'
import { type Key, parseKey } from '../../src/core/key.js'
import { openSource } from '../../src/core/source.js'
import type { Condition, PutOptions } from '../../src/core/store.js'
import { type Failover, type FailoverOptions, openFailover } from '../../src/failover/open.js'
import type { ReadCache } from '../../src/failover/read-cache.js'
import { FaultyPrimary } from './faulty-primary.js'
import { MemoryJournal } from './memory-journal.js'
import { MemorySpool, memorySpill } from './memory-spool.js'

export const WINDOW_MS = 960_000

let others = 0

export interface BenchOptions extends Partial<FailoverOptions> {
  /** Opens the read cache of a process. */
  readonly openCache?: ((process: string, isDead: (process: string) => boolean) => ReadCache) | undefined
}

/** A failover over a faulty primary in memory, whose replication is run by hand. */
export class FailoverBench {
  readonly primary: FaultyPrimary
  readonly journal: MemoryJournal
  readonly spool: MemorySpool
  readonly #options: BenchOptions
  readonly #dead: Set<string>
  #process = 0
  failover!: Failover

  constructor(options: BenchOptions = {}, primary = new FaultyPrimary(), beside?: FailoverBench) {
    this.primary = primary
    this.journal = beside?.journal ?? new MemoryJournal()
    this.spool = beside?.spool ?? new MemorySpool(this.journal)
    this.#dead = beside === undefined ? new Set() : beside.#dead
    this.#options = options
  }

  static async open(options: BenchOptions = {}, primary?: FaultyPrimary): Promise<FailoverBench> {
    const bench = new FailoverBench(options, primary)
    await bench.start()
    return bench
  }

  async start(): Promise<void> {
    const process = `process-${++this.#process}`
    const { openCache, ...options } = this.#options
    const isDead = (id: string): boolean => this.#dead.has(id)
    this.failover = await openFailover({
      primary: this.primary,
      journal: this.#journalOf(process),
      bytes: this.spool,
      clock: this.primary.clock,
      openSpill: memorySpill,
      processId: process,
      isDead,
      cache: openCache?.(process, isDead),
      firstAnswerMs: 60_000,
      settleWindowMs: WINDOW_MS,
      settleQuietMs: 0,
      backoffMs: 0,
      probeIntervalMs: 3_600_000,
      background: false,
      ...options,
    })
  }

  /** A second process on the same folder and bucket. */
  async another(options: BenchOptions = this.#options): Promise<FailoverBench> {
    const other = new FailoverBench(options, this.primary, this)
    // Each process has numbers of its own.
    other.#process = 100 * ++others
    await other.start()
    return other
  }

  /** The journal as a process has it: out of reach once the process is dead. */
  #journalOf(process: string): MemoryJournal {
    return new Proxy(this.journal, {
      get: (journal, name) => {
        if (this.#dead.has(process)) throw new Error(`${process} is dead`)
        const value: unknown = Reflect.get(journal, name)
        return typeof value === 'function' ? value.bind(journal) : value
      },
    })
  }

  /** Ends the process without its leave. */
  async crash(): Promise<void> {
    this.#dead.add(this.processId)
    this.failover.context.availability.close()
    await this.start()
  }

  get processId(): string {
    return `process-${this.#process}`
  }

  get store(): Failover['store'] {
    return this.failover.store
  }

  get writesOpen(): boolean {
    return this.failover.context.availability.writes.open
  }

  async put(
    name: string,
    text: string,
    options: Condition & Partial<PutOptions> = {},
  ): Promise<'primary' | 'journal'> {
    const source = await openSource(Buffer.from(text))
    const attributes = options.attributes ?? { contentType: 'text/plain', metadata: {} }
    const stat = await this.store.put(parseKey(name), source, { ...options, attributes })
    return stat.pending === true ? 'journal' : 'primary'
  }

  async text(name: string): Promise<string | null> {
    return textOf(await this.open(name))
  }

  /** What the primary really holds. */
  async atPrimary(name: string): Promise<string | null> {
    try {
      const object = await this.primary.inner.get(parseKey(name))
      return (await object.body.bytes()).toString()
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return null
      throw error
    }
  }

  /** The primary works again, and everything that is due is done. */
  async recover(): Promise<void> {
    this.primary.writes = 'none'
    this.primary.reads = 'none'
    await this.failover.context.availability.probe()
    await this.drain()
  }

  async drain(): Promise<void> {
    this.failover.replicator.wakeAll()
    await this.failover.replicator.work()
  }

  mode(name: string): 'quiet' | 'wary' | 'busy' {
    const row = this.journal.get(name as Key)
    return row === undefined ? 'quiet' : row.state === undefined ? 'wary' : 'busy'
  }

  private async open(name: string): Promise<Buffer | null> {
    try {
      const object = await this.store.get(parseKey(name))
      return await object.body.bytes()
    } catch (error) {
      if (StorageError.is(error, 'NOT_FOUND')) return null
      throw error
    }
  }
}

function textOf(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString()
}
