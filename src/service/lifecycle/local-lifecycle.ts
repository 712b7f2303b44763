import { StorageError } from '../../core/errors.js'
import type { Logger } from '../../core/logger.js'
import type { Store } from '../../core/store.js'
import type { Problem, StorageStatus } from '../../storage.js'
import type { Tables } from '../memory-tables.js'
import type { WorkLease } from '../work-lease.js'
import { type DueFile, dueFiles, type ExpireOptions, expireFiles, type LocalOutcome } from './local-files.js'
import type { LifecycleRule } from './rules.js'
import { readRules } from './rules-file.js'
import { type LifecycleRun, RunLog } from './run-log.js'

export interface LocalLifecycleOptions {
  /** The files that the rules act on. */
  readonly store: Store
  readonly tables: Tables
  /** Held during a look: one process of a folder looks at a time. */
  readonly lease: WorkLease
  /** The file of rules, read anew for every look; undefined: nothing goes by itself. */
  readonly rulesPath: string | undefined
  readonly intervalHours: number
  readonly logger: Logger
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What a look by hand is told. */
export type RunOptions = Pick<ExpireOptions, 'signal' | 'onRemoved' | 'onFailed'>

/** A process that only does something and ends looks through nothing. Milliseconds. */
const FIRST_LOOK_MS = 30_000
/** Between two questions whether a look is due. Milliseconds. */
const LOOK_MS = 300_000
const HOUR_MS = 3_600_000

/**
 * Removes the local files that the rules let go: at the rules' own midnights, by one process of the folder, slowly enough to
 * be in nobody's way.
 */
export class LocalLifecycle {
  readonly #options: LocalLifecycleOptions
  readonly #log: RunLog
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #problem: Problem | undefined

  constructor(options: LocalLifecycleOptions) {
    this.#options = options
    this.#log = new RunLog(options.tables)
  }

  /** From now on the rules act by themselves, where there are any. */
  start(): void {
    if (this.#options.rulesPath === undefined) return
    this.#timer = setTimeout(() => {
      void this.look()
      this.#timer = setInterval(() => void this.look(), LOOK_MS).unref()
    }, FIRST_LOOK_MS).unref()
  }

  /** What a person should know. */
  problems(): readonly Problem[] {
    return this.#problem === undefined ? [] : [this.#problem]
  }

  /** The last look, whichever process did it. */
  last(): LifecycleRun | undefined {
    return this.#log.last()
  }

  /** {@link last} as a status tells it. */
  status(): StorageStatus['lifecycle'] {
    const run = this.#stop.signal.aborted ? undefined : this.last()
    if (run === undefined) return undefined
    const { startedAt, endedAt, outcome } = run
    const { files, bytes, failed } = outcome
    return { startedAt: new Date(startedAt), endedAt: new Date(endedAt), files, bytes, failed }
  }

  /** The rules in force. @throws StorageError `CONFIG_INVALID` as {@link readRules}, and where there is no file of them */
  async rules(): Promise<LifecycleRule[]> {
    const { rulesPath } = this.#options
    if (rulesPath !== undefined) return readRules(rulesPath)
    const message =
      'There are no lifecycle rules; accepted: a file of them, which HOLDFAST_LIFECYCLE_RULES or --rules names.'
    throw new StorageError({ code: 'CONFIG_INVALID', op: 'lifecycle', message })
  }

  /** The files that rules let go at a moment, page by page. Touches nothing. @throws as {@link rules}, `UNAVAILABLE` */
  async *due(at: number, signal?: AbortSignal): AsyncGenerator<DueFile[], void, void> {
    yield* dueFiles(this.#options.store, await this.rules(), { at, signal })
  }

  /** Looks through the files now. @throws as {@link rules}, `UNAVAILABLE`, `PRECONDITION_FAILED` if another process is at it */
  async run(options: RunOptions = {}): Promise<LocalOutcome> {
    const rules = await this.rules()
    const outcome = await this.#run(rules, options)
    if (outcome !== undefined) return outcome
    const message = 'Another process looks through the files by their rules just now; nothing was done.'
    throw new StorageError({ code: 'PRECONDITION_FAILED', op: 'lifecycle', store: 'local', message })
  }

  /** Looks through the files if that is due. Never rejects: what is wrong is logged, and told as a problem. */
  look(): Promise<void> {
    this.#looking ??= this.#lookIfDue()
      .catch(error => this.#failed(error))
      .finally(() => {
        this.#looking = undefined
      })
    return this.#looking
  }

  /** Ends what goes on. */
  async close(): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#looking
  }

  async #lookIfDue(): Promise<void> {
    // Read also where nothing is due: a file that cannot be read is told of now, and not at midnight.
    const rules = await this.rules()
    this.#problem = undefined
    if (!this.#log.isDue(this.#options.now(), this.#options.intervalHours * HOUR_MS)) return
    const outcome = await this.#run(rules, { gentle: true })
    if (outcome === undefined) return
    const { files, bytes, failed } = outcome
    if (files > 0) this.#options.logger.info({ files, bytes }, 'Local files went by the lifecycle rules')
    if (failed > 0) this.#options.logger.warn({ failed }, 'Local files that were to go could not be removed')
  }

  /** @returns undefined if another process is at it */
  async #run(
    rules: readonly LifecycleRule[],
    options: Partial<ExpireOptions>,
  ): Promise<LocalOutcome | undefined> {
    const { store, lease, now } = this.#options
    if (!(await lease.hold())) return undefined
    const { signal: stop } = this.#stop
    const signal = options.signal === undefined ? stop : AbortSignal.any([stop, options.signal])
    const startedAt = now()
    const onPage = async (): Promise<void> => {
      if (!(await lease.hold())) throw takenOver()
    }
    try {
      const outcome = await expireFiles(store, rules, { ...options, at: startedAt, signal, onPage })
      await this.#log.note({ startedAt, endedAt: now(), outcome })
      return outcome
    } finally {
      await lease.release()
    }
  }

  #failed(error: unknown): void {
    // Not all files are known yet, or the ledger is gone, which is told by itself: the next look finds out.
    if (this.#stop.signal.aborted || StorageError.is(error, 'UNAVAILABLE')) return
    const message = error instanceof Error ? error.message : String(error)
    const told = `No local files go by the lifecycle rules: ${message}`
    const isNew = this.#problem?.message !== told
    this.#problem = { code: 'LIFECYCLE', message: told, severity: 'warning' }
    if (isNew) this.#options.logger.warn({ code: 'LIFECYCLE' }, told)
  }
}

/** Of a process that stood still for long. */
function takenOver(): StorageError {
  const message = 'Another process has taken over the look through the files by their rules.'
  return new StorageError({ code: 'UNAVAILABLE', op: 'lifecycle', store: 'local', message })
}
