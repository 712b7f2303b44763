import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { activeProvider, type StorageConfig } from '../../config.js'
import { StorageError, shown, throwIfAborted } from '../../core/errors.js'
import { RESERVED_PREFIX } from '../../core/key.js'
import { silentLogger } from '../../core/logger.js'
import { makeS3Store } from '../../service/s3-backend.js'
import { StorageService } from '../../service.js'
import type { Storage, StorageStatus } from '../../storage.js'
import { type FaultProxy, startFaultProxy } from '../fault-proxy/proxy.js'
import { newSeed, type Random, seededRandom } from '../fault-proxy/random.js'
import type { RequestHead } from '../fault-proxy/upstream.js'
import { tryUpload } from '../try-upload.js'
import type { BucketAddress } from './bucket.js'
import { Contents } from './content.js'
import { Oracle } from './oracle.js'
import { type DrillReport, isFlawless, type ScenarioReport, totalsOf } from './report.js'
import { resigning } from './resign.js'
import { GHOST_MS, SCENARIOS, type Scenario, USUAL_SCENARIOS } from './scenarios.js'
import { makeScratch, type Scratch } from './scratch.js'
import { Workload, type WorkloadFigures } from './workload.js'

export interface DrillOptions {
  readonly config: StorageConfig
  /** How long each outage lasts; longer where the object store is silent, which is noticed only by a deadline. 15 unless given. */
  readonly seconds?: number | undefined
  /** Operations a second; 20 unless given. */
  readonly rate?: number | undefined
  /** Names of scenarios, in order; the usual ones unless given. */
  readonly scenarios?: readonly string[] | undefined
  /** Decides everything that is left to chance; a new one unless given. */
  readonly seed?: number | undefined
  /** How long convergence is waited for. 300 unless given. */
  readonly convergeSeconds?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: DrillProgress) => void) | undefined
  /** Of tests: the storage that is rehearsed with, and the oracle's program. */
  readonly internals?: DrillInternals | undefined
}

/** How far a drill is. */
export interface DrillProgress extends Readonly<WorkloadFigures> {
  readonly scenario: string
  readonly phase: 'working' | 'outage' | 'returning' | 'converging' | 'settling' | 'comparing' | 'cleaning'
  /** Of all the scenarios, counted from 1. */
  readonly number: number
  readonly of: number
  readonly pending: number
}

/** A storage that a drill can rehearse with. */
export interface Rehearsed extends Storage {
  getStatus(): StorageStatus
  close(): Promise<unknown>
}

export interface DrillInternals {
  readonly oracle?: URL | undefined
  readonly open?: ((config: StorageConfig, scratch: Scratch) => Promise<Rehearsed> | Rehearsed) | undefined
}

export const DEFAULT_SECONDS = 15
export const DEFAULT_RATE = 20
export const DEFAULT_CONVERGE_SECONDS = 300

/** Of the drill's storage: its ghosts land sooner than this. The real window is a matter of the signature's life. */
const SETTLE_WINDOW_MS = 12_000
/** Before an outage and after it people work with a store that answers. */
const CALM_MS = 2_000
/** A check of settled keys begins a minute after the store's return, and takes its time. */
const SETTLE_MS = 60_000 + SETTLE_WINDOW_MS + 60_000
const POLL_MS = 50
const PROGRESS_MS = 200

/**
 * Rehearses outages of the object store that the configuration names: under a prefix of its own, with a storage
 * folder of its own, through a proxy that fails. People are at work all the while; an oracle in another process
 * keeps the record of what was acknowledged, and compares the bucket with it after each outage. Everything that
 * was written is removed.
 *
 * @throws StorageError `CONFIG_INVALID` where no object storage is configured, `INVALID_ARGUMENT` for a scenario
 *   that does not exist, `ABORTED`, and what a store that cannot be used answers: `UNAVAILABLE`, `TIMEOUT`,
 *   `UNAUTHENTICATED`, `NO_SUCH_BUCKET`, `PERMISSION_DENIED`
 */
export async function runDrill(options: DrillOptions): Promise<DrillReport> {
  const { config, signal, internals = {} } = options
  const provider = drillable(config)
  const scenarios = (options.scenarios ?? USUAL_SCENARIOS).map(scenarioOf)
  const bucket = makeS3Store(provider, config, silentLogger, {})
  try {
    await bucket.probe({ signal })
    // One that takes no uploads in good weather has nothing to show in bad.
    await tryUpload(bucket, signal)
  } finally {
    await bucket.close()
  }
  const drill = new Drill(provider, options, await makeScratch(config))
  let evidence = false
  try {
    await drill.open(internals)
    const reports: ScenarioReport[] = []
    for (const [i, scenario] of scenarios.entries()) {
      reports.push(await drill.rehearse(scenario, i + 1, scenarios.length))
    }
    const leftBehind = await drill.clean()
    evidence = !reports.every(isFlawless)
    return drill.report(reports, leftBehind, evidence)
  } finally {
    await drill.close(evidence)
  }
}

/** One run: the storage, the proxy and the oracle, and the outages that they go through. */
class Drill {
  readonly #provider: 's3' | 'minio'
  readonly #options: DrillOptions
  readonly #scratch: Scratch
  readonly #seed: number
  readonly #random: Random
  readonly #contents: Contents
  readonly #prefix = `holdfast-drill-${randomBytes(6).toString('hex')}/`
  /** Keys of Holdfast's own that the storage wrote to the bucket. */
  readonly #ownKeys = new Set<string>()
  readonly #signal: AbortSignal
  #proxy: FaultProxy | undefined
  #oracle: Oracle | undefined
  #storage: Rehearsed | undefined
  #isClean = false
  #id = 0
  /** What {@link DrillOptions.onProgress} is told next. */
  #now: { scenario: string; phase: DrillProgress['phase']; number: number; of: number } | undefined
  #workload: Workload | undefined
  #ticker: NodeJS.Timeout | undefined

  constructor(provider: 's3' | 'minio', options: DrillOptions, scratch: Scratch) {
    this.#provider = provider
    this.#options = options
    this.#scratch = scratch
    this.#seed = options.seed ?? newSeed()
    this.#random = seededRandom(this.#seed)
    this.#contents = new Contents(this.#seed, this.#random)
    this.#signal = options.signal ?? new AbortController().signal
  }

  /** Starts the parts. */
  async open(internals: DrillInternals): Promise<void> {
    const { config } = this.#options
    const credentials = credentialsOf(config)
    const {
      objectStorageEndpoint: endpoint,
      objectStorageRegion: region,
      objectStorageBucket: bucket,
    } = config
    const { objectStoragePathStyle: forcePathStyle } = config
    const { logger, folder } = this.#scratch
    const route = resigning({ endpoint, region, bucket, forcePathStyle, credentials, logger })
    this.#proxy = await startFaultProxy({
      target: route.target,
      seed: this.#seed,
      rewrite: head => {
        this.#noteOwnKey(head)
        return route.rewrite(head)
      },
    })
    const pathStyle = forcePathStyle ?? endpoint !== undefined
    this.#oracle = await Oracle.start(
      { bucket: { endpoint, region, bucket, pathStyle, credentials }, prefix: this.#prefix, folder },
      internals.oracle,
    )
    const rehearsed: StorageConfig = {
      ...config,
      objectStorageEndpoint: this.#proxy.endpoint,
      objectStoragePathStyle: true,
      objectStoragePublicEndpoint: undefined,
      objectStoragePublicUrl: undefined,
      localStoragePath: this.#scratch.localStoragePath,
      ledgerPath: this.#scratch.ledgerPath,
      settleWindowMs: SETTLE_WINDOW_MS,
    }
    this.#storage = await (internals.open ?? openService)(rehearsed, this.#scratch)
    this.#ticker = setInterval(() => this.#tick(), PROGRESS_MS)
  }

  /** Works through one outage and its end. @throws StorageError `ABORTED` */
  async rehearse(scenario: Scenario, number: number, of: number): Promise<ScenarioReport> {
    const { proxy, oracle, storage } = this.#parts()
    const { config, seconds = DEFAULT_SECONDS, rate = DEFAULT_RATE } = this.#options
    const prefix = `${this.#prefix}${scenario.name}/`
    const workload = new Workload({
      storage,
      prefix,
      rate,
      tell: event => oracle.tell(event),
      random: this.#random,
      contents: this.#contents,
      nextId: () => ++this.#id,
    })
    this.#workload = workload
    const enter = (phase: DrillProgress['phase']): void => {
      throwIfAborted(this.#signal, 'drill')
      this.#now = { scenario: scenario.name, phase, number, of }
      this.#tick()
    }
    const late = proxy.counts.ghost + proxy.counts['lose-answer']
    enter('working')
    await workload.run(CALM_MS, this.#signal)
    enter('outage')
    const begun = performance.now()
    await applyWeather(proxy, scenario)
    const noticedMs = scenario.silent === true ? config.objectStorageFirstByteTimeoutMs : 0
    await workload.run(noticedMs + seconds * 1000, this.#signal)
    enter('returning')
    await proxy.apply()
    const returned = performance.now()
    const converging = this.#converge(storage, returned)
    // Whoever ends it first, the other is waited for: nothing is left at work.
    const [worked] = await Promise.allSettled([workload.run(CALM_MS, this.#signal), converging])
    if (worked.status === 'rejected') throw worked.reason
    await workload.finish()
    enter('converging')
    const first = await converging
    // What people did meanwhile has to arrive too.
    const last = await this.#converge(storage, returned)
    const convergeMs = last === undefined ? undefined : first
    if (scenario.ghosts === true) {
      enter('settling')
      await this.#until(() => proxy.ghosts === 0, GHOST_MS.max)
      await proxy.settle()
      await this.#until(() => storage.getStatus().settling === 0, SETTLE_MS)
    }
    enter('comparing')
    await proxy.settle()
    const compared = await oracle.compare(prefix)
    const { figures } = workload
    return {
      scenario: scenario.name,
      summary: scenario.summary,
      outageMs: Math.round(returned - begun),
      operations: figures.operations,
      acknowledged: compared.acknowledged,
      acknowledgedLocally: figures.local,
      failed: figures.failed,
      failures: compared.refused,
      unread: compared.unread,
      ...compared.differences,
      longestStallMs: Math.round(figures.longestStallMs),
      longestStallOf: figures.longestStallOf,
      convergeMs: convergeMs === undefined ? null : Math.round(convergeMs),
      compared: compared.objects,
      ghosts: proxy.counts.ghost + proxy.counts['lose-answer'] - late,
      findings: compared.findings,
    }
  }

  /** Removes all that the drill wrote to the bucket. @returns what could not be removed, and why */
  async clean(): Promise<string | undefined> {
    this.#isClean = true
    if (this.#now !== undefined) this.#now = { ...this.#now, phase: 'cleaning' }
    await this.#proxy?.apply()
    const storage = this.#storage
    this.#storage = undefined
    await storage?.close().catch(() => {})
    await this.#proxy?.settle()
    try {
      await this.#oracle?.clean([...this.#ownKeys])
      return undefined
    } catch (error) {
      if (!StorageError.is(error)) throw error
      const { objectStorageBucket: bucket } = this.#options.config
      return `What is below ${this.#prefix} in the bucket ${bucket} could not be removed: ${error.message}`
    }
  }

  report(
    scenarios: readonly ScenarioReport[],
    leftBehind: string | undefined,
    evidence: boolean,
  ): DrillReport {
    const { config, seconds = DEFAULT_SECONDS, rate = DEFAULT_RATE } = this.#options
    return {
      passed: scenarios.every(isFlawless),
      seed: this.#seed,
      rate,
      seconds,
      provider: this.#provider,
      bucket: config.objectStorageBucket,
      endpoint: config.objectStorageEndpoint ?? 'AWS',
      prefix: this.#prefix,
      ...totalsOf(scenarios),
      scenarios,
      ...(leftBehind !== undefined && { leftBehind }),
      ...(evidence && { evidence: this.#scratch.folder }),
    }
  }

  /** Ends everything, whatever state it is in. @param keep whether the folder is kept for a person to look at */
  async close(keep: boolean): Promise<void> {
    clearInterval(this.#ticker)
    try {
      if (!this.#isClean) await this.clean()
    } finally {
      await this.#proxy?.close()
      await this.#oracle?.close()
      if (!keep) await this.#scratch.remove()
    }
  }

  #parts(): { proxy: FaultProxy; oracle: Oracle; storage: Rehearsed } {
    if (this.#proxy === undefined || this.#oracle === undefined || this.#storage === undefined) {
      throw new StorageError({ code: 'INTERNAL', op: 'drill', message: 'The drill was not opened.' })
    }
    return { proxy: this.#proxy, oracle: this.#oracle, storage: this.#storage }
  }

  /** @returns milliseconds since the store's return; undefined if it took too long */
  async #converge(storage: Rehearsed, returned: number): Promise<number | undefined> {
    const { convergeSeconds = DEFAULT_CONVERGE_SECONDS } = this.#options
    const leftMs = returned + convergeSeconds * 1000 - performance.now()
    const isDone = await this.#until(() => storage.getStatus().pending === 0, leftMs)
    return isDone ? performance.now() - returned : undefined
  }

  /** Waits until something is so, or the time is over. @throws StorageError `ABORTED` */
  async #until(isSo: () => boolean, ms: number): Promise<boolean> {
    for (const start = performance.now(); !isSo(); await sleep(POLL_MS)) {
      throwIfAborted(this.#signal, 'drill')
      if (performance.now() - start > ms) return false
    }
    return true
  }

  #noteOwnKey({ method, path }: RequestHead): void {
    const own = `/${this.#options.config.objectStorageBucket}/${RESERVED_PREFIX}`
    if (method === 'PUT' && path.startsWith(own)) {
      this.#ownKeys.add(
        decodeURIComponent(path.slice(own.length - RESERVED_PREFIX.length).replace(/\?.*/, '')),
      )
    }
  }

  #tick(): void {
    if (this.#now === undefined || this.#workload === undefined) return
    const pending = this.#storage?.getStatus().pending ?? 0
    this.#options.onProgress?.({ ...this.#workload.figures, ...this.#now, pending })
  }
}

function openService(config: StorageConfig, { logger }: Scratch): Rehearsed {
  return new StorageService({ config, logger })
}

async function applyWeather(proxy: FaultProxy, { weather }: Scenario): Promise<void> {
  if ('rules' in weather) await proxy.apply(...weather.rules)
  else await proxy.flap(weather.phases)
}

/** @throws StorageError `CONFIG_INVALID` */
function drillable(config: StorageConfig): 's3' | 'minio' {
  const provider = activeProvider(config)
  const problem =
    provider === 'local'
      ? 'Files are stored on the local disk, and there is no object store that could be away. Set OBJECT_STORAGE_ENABLED=true with OBJECT_STORAGE_PROVIDER, OBJECT_STORAGE_BUCKET and its credentials, or give --provider and --bucket.'
      : config.objectStorageFallback
        ? undefined
        : 'The local disk does not stand in for the object store: OBJECT_STORAGE_FALLBACK is false.'
  if (provider !== 'local' && problem === undefined) return provider
  const message = `There is nothing to rehearse. ${problem}`
  throw new StorageError({ code: 'CONFIG_INVALID', op: 'drill', message })
}

/** @throws StorageError `INVALID_ARGUMENT` */
function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS.get(name)
  if (scenario !== undefined) return scenario
  const message = `There is no scenario ${shown(name)}; accepted: ${[...SCENARIOS.keys()].join(', ')}.`
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'drill', message })
}

function credentialsOf(config: StorageConfig): BucketAddress['credentials'] {
  const { objectStorageAccessKey: accessKeyId, objectStorageSecretKey: secretAccessKey } = config
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return { accessKeyId, secretAccessKey, sessionToken: config.objectStorageSessionToken }
}
