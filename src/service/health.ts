import type { EventEmitter } from 'node:events'
import { activeProvider, isKnownProvider, type StorageConfig } from '../config.js'
import { type ErrorCode, StorageError } from '../core/errors.js'
import type { Logger } from '../core/logger.js'
import type { Problem, StorageEvents, StorageStatus } from '../storage.js'
import type { Backend, BackendListener, FailoverStatus } from './backend.js'
import type { Inspector } from './inspecting.js'

/** What an outcome says of the store rather than of the call, and how grave it is. */
const STORE_TROUBLE: Partial<Record<ErrorCode, Problem['severity']>> = {
  UNAVAILABLE: 'error',
  TIMEOUT: 'error',
  THROTTLED: 'warning',
  UNAUTHENTICATED: 'error',
  NO_SUCH_BUCKET: 'error',
  CLOCK_SKEW: 'error',
  CONFIG_INVALID: 'error',
  NO_SPACE: 'warning',
}

/** Refusals that only a working store gives. */
const ANSWERS: ReadonlySet<ErrorCode> = new Set([
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PRECONDITION_FAILED',
  'RANGE_NOT_SATISFIABLE',
  'ARCHIVED',
])

/** Problems that nobody has logged where they were found. */
const UNLOGGED: ReadonlySet<string> = new Set([
  'SPOOL_FULL',
  'OTHER_BUCKET',
  'INSPECTOR_AWAY',
  'QUARANTINE_FULL',
])

/** How things stand at one moment. */
interface View {
  readonly problems: readonly Problem[]
  readonly failover: FailoverStatus | undefined
}

/** What the calls' outcomes say of the store, kept in memory for a status that asks nothing. */
export class Health implements BackendListener {
  readonly #config: StorageConfig
  readonly #events: EventEmitter<StorageEvents>
  readonly #logger: Logger
  readonly #standing: readonly Problem[]
  readonly #inspector: () => Pick<Inspector, 'problems' | 'status'> | undefined
  /** What the store itself has to tell, once it is open. */
  #backend: Backend | undefined
  /** The problems that there were last, by code. */
  #known: ReadonlyMap<string, Problem>
  #trouble: Problem | undefined
  #used = false
  #state: StorageStatus['state'] = 'starting'

  /** @param inspector what uploads are inspected by, once it is there */
  constructor(
    config: StorageConfig,
    events: EventEmitter<StorageEvents>,
    logger: Logger,
    inspector: () => Pick<Inspector, 'problems' | 'status'> | undefined = () => undefined,
  ) {
    this.#inspector = inspector
    this.#config = config
    this.#events = events
    this.#logger = logger
    this.#standing = configurationProblems(config)
    this.#known = byCode(this.#standing)
    for (const problem of this.#standing) {
      if (problem.severity !== 'notice') logger.warn({ code: problem.code }, problem.message)
    }
  }

  /**
   * The store is open: what it says of itself counts from now on. Failover's own view of an object store stands in
   * for what calls' outcomes would say of it.
   */
  opened(backend: Backend): void {
    this.#backend = backend
    if (backend.failover !== undefined) {
      this.#used = true
      this.changed()
    }
  }

  changed(): void {
    if (this.#isWatching) this.#update(this.#look())
  }

  wants(event: keyof StorageEvents): boolean {
    return this.#events.listenerCount(event) > 0
  }

  /** A listener that throws must not turn an upload that is stored into one that failed. */
  tell<E extends keyof StorageEvents>(event: E, ...told: StorageEvents[E]): void {
    try {
      this.#events.emit(event as never, ...(told as never))
    } catch (error) {
      this.#logger.error({ event, error }, 'A listener for an event of the storage threw')
    }
  }

  /** Notes how a call ended. */
  record(op: string, error: unknown): void {
    if (this.#backend?.failover !== undefined && StorageError.is(error) && error.store !== 'local') return
    if (error === undefined) {
      // Signing asks nothing of the store.
      if (op === 'presign') return
      if (this.#used && this.#trouble === undefined) return
      // Only a write proves that there is space again.
      if (this.#trouble?.code !== 'NO_SPACE' || op === 'put' || op === 'copy') this.#trouble = undefined
    } else if (StorageError.is(error) && error.store !== undefined) {
      const severity = STORE_TROUBLE[error.code]
      if (severity !== undefined) this.#note(error, severity, op)
      else if (ANSWERS.has(error.code) && this.#trouble?.code !== 'NO_SPACE') this.#trouble = undefined
      else return
    } else {
      // The caller's own mistake or deadline says nothing of the store.
      return
    }
    this.#used = true
    this.#update(this.#look())
  }

  /** Notes that the service was closed. */
  closed(): void {
    this.#enter('closed')
  }

  /** The status, from memory. */
  status(): StorageStatus {
    const view = this.#look()
    // What the store has found meanwhile is news now, and not only with the next call that fails.
    if (this.#isWatching) this.#update(view)
    const config = this.#config
    const provider = activeProvider(config)
    const { failover, problems } = view
    const inspection = this.#inspector()?.status()
    return {
      service: 'storage',
      enabled: provider !== 'local',
      provider,
      bucket: provider === 'local' ? null : config.objectStorageBucket,
      fallbackMode: failover?.fallback ?? isFallback(config),
      state: this.#state === 'starting' || this.#state === 'closed' ? this.#state : stateOf(view),
      pending: failover?.pending ?? 0,
      pendingBytes: failover?.pendingBytes ?? 0,
      ...(failover?.oldestPendingAt !== undefined && { oldestPendingAt: failover.oldestPendingAt }),
      settling: failover?.settling ?? 0,
      parked: failover?.parked ?? 0,
      conflicts: failover?.conflicts ?? 0,
      ...(failover !== undefined && { failover: failover.report }),
      ...(failover?.cache !== undefined && { cache: failover.cache }),
      ...(inspection !== undefined && { inspection }),
      ...ledgerFacts(this.#backend),
      problems,
      configuration: {
        OBJECT_STORAGE_ENABLED: config.objectStorageEnabled,
        OBJECT_STORAGE_PROVIDER: config.objectStorageProvider,
        OBJECT_STORAGE_BUCKET: config.objectStorageBucket,
        ...(config.objectStorageEndpoint !== undefined && {
          OBJECT_STORAGE_ENDPOINT: config.objectStorageEndpoint,
        }),
        LOCAL_STORAGE_PATH: config.localStoragePath,
      },
    }
  }

  #note(error: StorageError, severity: Problem['severity'], op: string): void {
    if (this.#trouble?.code === error.code) return
    this.#trouble = { code: error.code, message: error.message, severity }
    this.#logger.warn({ code: error.code, op }, error.message)
  }

  #look(): View {
    const own = this.#backend?.problems() ?? []
    const trouble = this.#trouble === undefined ? [] : [this.#trouble]
    const inspection = this.#inspector()?.problems() ?? []
    return {
      problems: [...this.#standing, ...own, ...inspection, ...trouble],
      failover: this.#backend?.failover?.(),
    }
  }

  /** Whether changes are news: the store is in use. */
  get #isWatching(): boolean {
    return this.#state !== 'closed' && this.#used
  }

  #update(view: View): void {
    const before = this.#known
    this.#known = byCode(view.problems)
    for (const [code, problem] of this.#known) {
      if (before.has(code)) continue
      if (UNLOGGED.has(code)) {
        this.#logger[problem.severity === 'error' ? 'error' : 'warn']({ code }, problem.message)
      }
      this.tell('problem', problem)
    }
    for (const [code, problem] of before) {
      if (!this.#known.has(code)) this.tell('resolved', problem)
    }
    this.#enter(stateOf(view))
  }

  #enter(state: StorageStatus['state']): void {
    if (state === this.#state) return
    const previous = this.#state
    this.#state = state
    // Failover tells of outages itself.
    const isNews = previous === 'down' || this.#backend?.failover === undefined
    if (state === 'healthy' && previous !== 'starting' && isNews)
      this.#logger.info({ previous }, 'The storage works again')
    this.tell('state', state, previous)
  }
}

/** What is told of by reading the ledger. One that cannot be read is a problem of its own, and none of a status. */
function ledgerFacts(backend: Backend | undefined): Pick<StorageStatus, 'quotas' | 'expiry' | 'lifecycle'> {
  try {
    const quotas = backend?.quotas?.status()
    const expiry = backend?.expiring()
    const lifecycle = backend?.lifecycle?.status()
    return {
      ...(quotas !== undefined && { quotas }),
      ...(expiry !== undefined && { expiry }),
      ...(lifecycle !== undefined && { lifecycle }),
    }
  } catch {
    return {}
  }
}

function byCode(problems: readonly Problem[]): ReadonlyMap<string, Problem> {
  return new Map(problems.map(problem => [problem.code, problem]))
}

function stateOf({ problems, failover }: View): 'healthy' | 'degraded' | 'draining' | 'down' {
  if (problems.some(problem => problem.severity === 'error')) return 'down'
  if (failover?.away === true || problems.some(problem => problem.severity === 'warning')) return 'degraded'
  return failover !== undefined && failover.pending > 0 ? 'draining' : 'healthy'
}

/**
 * Whether files go to local storage though an object store is the default or was meant: object storage is
 * switched off, or its provider is unknown. `OBJECT_STORAGE_PROVIDER=local` is a choice, and no fallback.
 */
export function isFallback(config: StorageConfig): boolean {
  return activeProvider(config) === 'local' && config.objectStorageProvider !== 'local'
}

function configurationProblems(config: StorageConfig): readonly Problem[] {
  if (config.objectStorageEnabled && !isKnownProvider(config.objectStorageProvider)) {
    const message = `Unknown provider "${config.objectStorageProvider}" in OBJECT_STORAGE_PROVIDER (accepted: s3, minio, local): using local storage.`
    return [{ code: 'UNKNOWN_PROVIDER', message, severity: 'warning' }]
  }
  if (activeProvider(config) === 'local' || config.objectStorageFallback) return []
  const message =
    'While the object store is away, uploads are refused with UNAVAILABLE: OBJECT_STORAGE_FALLBACK is false.'
  return [{ code: 'NO_FAILOVER', message, severity: 'notice' }]
}
