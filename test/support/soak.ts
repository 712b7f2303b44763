import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { Oracle } from '../../src/operations/drill/oracle.js'
import type { Comparison } from '../../src/operations/drill/oracle-protocol.js'
import { Workload, type WorkloadFigures } from '../../src/operations/drill/workload.js'
import { between, type Random, seededRandom } from '../../src/operations/fault-proxy/random.js'
import type { StorageService } from '../../src/service.js'
import {
  type FaultPhase,
  type FaultProxy,
  type FaultRule,
  startFaultProxy,
} from '../../src/testing/fault-proxy.js'
import type { BucketAccess } from './bucket-settings.js'
import { until, useFolder, useService } from './failover-service.js'

/** Late requests land sooner than the window that is waited for them. Milliseconds. */
const GHOST_MS = { minMs: 500, maxMs: 2500 }
const SETTLE_WINDOW_MS = 8000
/** Content of most files; a few are longer than a part of an upload may be short. */
const SMALL_BYTES = 40_000
const LARGE_BYTES = 1024 * 1024

/** All that the proxy can do to requests, as weathers that a storage meets in a random order. */
const WEATHERS: readonly (readonly FaultRule[])[] = [
  [{ fault: { kind: 'refuse' } }],
  [{ fault: { kind: 'hang' } }],
  [{ fault: { kind: 'reset' }, rate: 0.5 }],
  [{ fault: { kind: 'error', status: 500 }, rate: 0.5 }],
  [{ fault: { kind: 'error', status: 503 }, rate: 0.7 }],
  [{ fault: { kind: 'error', status: 502 }, rate: 0.3 }],
  [
    { fault: { kind: 'cut', where: 'request' }, rate: 0.3, of: 'writes' },
    { fault: { kind: 'cut', where: 'answer' }, rate: 0.3 },
  ],
  [
    { fault: { kind: 'ghost', ...GHOST_MS }, rate: 0.3, of: 'writes' },
    { fault: { kind: 'lose-answer' }, rate: 0.2, of: 'writes' },
  ],
  [
    { fault: { kind: 'stall', where: 'request' }, rate: 0.5, of: 'writes' },
    { fault: { kind: 'stall', where: 'answer' }, rate: 0.5, of: 'reads' },
  ],
  [{ fault: { kind: 'trickle' }, rate: 0.5 }],
  [{ fault: { kind: 'portal', status: 404 }, rate: 0.5 }, { fault: { kind: 'portal', status: 200 } }],
  [{ fault: { kind: 'bad-credentials' } }],
]

export interface SoakOptions {
  readonly access: BucketAccess
  /** Decides all chance. */
  readonly seed: number
  /** The compiled command line, beside which the oracle's program lies. */
  readonly main: string
  /** Operations a second. */
  readonly rate: number
}

/** What a process takes at one moment. */
interface Taken {
  readonly rssBytes: number
  readonly descriptors: number
  readonly diskBytes: number
}

/** A round of work through bad weather, and what came of it. */
export interface Round {
  readonly figures: WorkloadFigures
  readonly compared: Comparison
  readonly convergeMs: number
}

/** People at work with a storage whose store fails, round after round; an oracle in another process compares. */
export class Soak {
  readonly storage: StorageService
  readonly folder: string
  readonly taken: Taken[] = []
  readonly #proxy: FaultProxy
  readonly #oracle: Oracle
  readonly #random: Random
  readonly #options: SoakOptions
  #id = 0
  #round = 0
  #contents = 0

  private constructor(
    options: SoakOptions,
    parts: { storage: StorageService; folder: string; proxy: FaultProxy; oracle: Oracle },
  ) {
    this.#options = options
    this.storage = parts.storage
    this.folder = parts.folder
    this.#proxy = parts.proxy
    this.#oracle = parts.oracle
    this.#random = seededRandom(options.seed)
  }

  static async open(options: SoakOptions): Promise<Soak> {
    const { access, seed, main } = options
    const proxy = await startFaultProxy({ target: access.endpoint, seed, maxHeldBytes: 16 * 1024 * 1024 })
    onTestFinished(() => proxy.close())
    const { endpoint, bucket, region = 'us-east-1', accessKey, secretKey } = access
    const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey }
    const oracle = await Oracle.start(
      {
        bucket: { endpoint, region, bucket, pathStyle: true, credentials },
        prefix: PREFIX,
        folder: await useFolder(),
      },
      pathToFileURL(join(dirname(dirname(main)), 'operations', 'drill', 'oracle-main.js')),
    )
    onTestFinished(() => oracle.close())
    const folder = await useFolder()
    const config = { settleWindowMs: SETTLE_WINDOW_MS }
    const storage = await useService({ ...access, endpoint: proxy.endpoint }, { folder, config })
    return new Soak(options, { storage, folder, proxy, oracle })
  }

  /** Works through changing weather for so long, until everything has converged, and compares. */
  async round(forMs: number, phases: readonly FaultPhase[] = this.#phases()): Promise<Round> {
    const prefix = `${PREFIX}${++this.#round}/`
    const workload = new Workload({
      storage: this.storage,
      prefix,
      rate: this.#options.rate,
      tell: event => this.#oracle.tell(event),
      random: this.#random,
      contents: { next: () => this.#content() },
      nextId: () => ++this.#id,
    })
    const watch = setInterval(() => this.#take(), 1000)
    try {
      await this.#proxy.flap(phases)
      await workload.run(forMs, new AbortController().signal)
      await this.#proxy.apply()
      const returned = performance.now()
      await workload.finish()
      await until('everything arrives', () => this.#status().pending === 0, this.storage, 120_000)
      const convergeMs = performance.now() - returned
      await until('late requests have landed', () => this.#proxy.ghosts === 0, this.storage)
      await this.#proxy.settle()
      await until('everything is settled', () => this.#status().settling === 0, this.storage, 120_000)
      const compared = await this.#oracle.compare(prefix)
      this.#take()
      return { figures: workload.figures, compared, convergeMs }
    } finally {
      clearInterval(watch)
    }
  }

  /** Removes what the rounds so far have written, by way of the storage, and checks that nothing is left of it. */
  async sweep(): Promise<void> {
    await this.storage.deletePrefix(PREFIX)
    const left = await this.storage.listFiles(PREFIX)
    expect([...left]).toEqual([])
    expect(left.complete).toBe(true)
    await until('the sweep has arrived', () => this.#status().pending === 0, this.storage)
  }

  /** The files that hold spooled bytes. */
  spooled(): string[] {
    return readdirSync(join(this.folder, '.holdfast', 'objects'), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => entry.name)
  }

  #status(): ReturnType<StorageService['getStatus']> {
    return this.storage.getStatus()
  }

  #phases(): FaultPhase[] {
    const phase = (rules: readonly FaultRule[]): FaultPhase => ({ rules, minMs: 1000, maxMs: 5000 })
    return Array.from({ length: 20 }, () => {
      const calm = this.#random() < 0.3
      return phase(calm ? [] : (WEATHERS[Math.floor(this.#random() * WEATHERS.length)] ?? []))
    })
  }

  /** No two are alike. */
  #content(): Buffer {
    const size = this.#random() < 0.01 ? LARGE_BYTES : Math.floor(between(this.#random, 0, SMALL_BYTES))
    const content = Buffer.alloc(size, this.#contents & 0xff)
    content.write(`content ${++this.#contents}`, 'latin1')
    return content
  }

  #take(): void {
    this.taken.push({
      rssBytes: process.memoryUsage.rss(),
      descriptors: descriptors(),
      diskBytes: sizeOf(this.folder),
    })
  }
}

const PREFIX = 'soak/'

/** Open file descriptors of this process; 0 where the system does not tell. */
function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}

/** Bytes of all files below a folder; of what is removed meanwhile, nothing. */
function sizeOf(folder: string): number {
  let bytes = 0
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
    }
  } catch {
    // A folder was removed while it was read.
  }
  return bytes
}
