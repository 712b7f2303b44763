import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { activeProvider, type StorageConfig } from '../../config.js'
import { StorageError, throwIfAborted } from '../../core/errors.js'
import { silentLogger } from '../../core/logger.js'
import { makeS3Store } from '../../service/s3-backend.js'
import { StorageService } from '../../service.js'
import type { Storage, StorageStatus } from '../../storage.js'
import { type FaultProxy, startFaultProxy } from '../fault-proxy/proxy.js'
import { newSeed, seededRandom } from '../fault-proxy/random.js'
import { Contents } from './content.js'
import { Oracle } from './oracle.js'
import { type DrillReport, isFlawless, type ScenarioReport, totalsOf } from './report.js'
import { type Resigning, resigning } from './resign.js'
import { type Scenario, SCENARIOS, USUAL_SCENARIOS } from './scenarios.js'
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

/** Of the drill's storage: its ghosts land sooner than this. The real window is a matter of the signature's life. */
const SETTLE_WINDOW_MS = 12_000
/** Before an outage and after it people work with a store that answers. */
const CALM_MS = 2_000
/** A check of settled keys begins a minute after the store's return at the latest, and takes its time. */
const SETTLE_SLACK_MS = 90_000
const POLL_MS = 50
const PROGRESS_MS = 250

/**
 * Rehearses outages of the object store that the configuration names: under a prefix of its own, with a storage
 * folder of its own, through a proxy that fails. People are at work all the while; an oracle in another process
 * keeps the record of what was acknowledged, and compares the bucket with it after each outage. Everything that
 * was written is removed.
 *
 * @throws StorageError `CONFIG_INVALID` where no object storage is configured, `INVALID_ARGUMENT` for a scenario
 *   that does not exist, `ABORTED`, and what a store that cannot be used answers: `UNAVAILABLE`, `TIMEOUT`,
 *   `UNAUTHENTICATED`, `NO_SUCH_BUCKET`
 */
export async function runDrill(options: DrillOptions): Promise<DrillReport> {
  const { config, signal, internals = {}, seed = newSeed() } = options
  const provider = drillable(config)
  const scenarios = (options.scenarios ?? USUAL_SCENARIOS).map(scenarioOf)
  await checkPrimary(provider, config, signal)
  const prefix = `holdfast-drill-${randomBytes(6).toString('hex')}/`
  const scratch = await makeScratch(config)
  const route = resigning({
    endpoint: config.objectStorageEndpoint,
    region: config.objectStorageRegion,
    bucket: config.objectStorageBucket,
    forcePathStyle: config.objectStoragePathStyle,
    credentials: credentialsOf(config),
    logger: scratch.logger,
  })
  await using stack = new AsyncDisposableStack()
  throw new Error()
}
