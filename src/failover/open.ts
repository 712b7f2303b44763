import type { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { type Logger, silentLogger } from '../core/logger.js'
import type { SpillFile } from '../core/spill-file.js'
import type { StampClock } from '../core/stamp.js'
import type { PresignOptions } from '../core/store.js'
import { Availability } from './availability.js'
import { bringBack } from './bring-back.js'
import { Chronicle } from './chronicle.js'
import type { Context, FailoverSettings, Legacy } from './context.js'
import type { FailoverListener } from './events.js'
import { FailoverStore } from './failover-store.js'
import type { Journal } from './journal.js'
import type { Primary } from './primary.js'
import type { ReadCache } from './read-cache.js'
import { Replicator } from './replicator.js'
import type { SpoolBytes } from './spool-bytes.js'
import { Totals, type TotalsOptions } from './totals.js'

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined }

export interface FailoverOptions
  extends Optional<FailoverSettings>,
    Optional<Omit<TotalsOptions, 'makeRoom'>> {
  readonly primary: Primary
  readonly journal: Journal
  readonly bytes: SpoolBytes
  readonly clock: StampClock
  readonly openSpill: () => Promise<SpillFile>
  readonly legacy?: Legacy | undefined
  readonly cache?: ReadCache | undefined
  readonly relieve?: (() => Promise<boolean>) | undefined
  /** Notes durably that the primary may hold what is acknowledged here; called before the first mutation. */
  readonly attach?: (() => Promise<void>) | undefined
  /** Names this opening of the folder, among all that ever were. */
  readonly processId: string
  readonly isDead: (processId: string) => boolean
  readonly presignHere?: ((key: Key, options: PresignOptions) => Promise<string>) | undefined
  /** Whether every URL is signed there, not only those of what the primary cannot serve now; false unless given. */
  readonly presignsAllHere?: boolean | undefined
  readonly logger?: Logger | undefined
  /** Milliseconds between two probes of a primary that is away; 2000 unless given. */
  readonly probeIntervalMs?: number | undefined
  /** Entries replicated at once; 32 unless given. */
  readonly concurrency?: number | undefined
  readonly backoffMs?: number | undefined
  readonly tickMs?: number | undefined
  readonly beatMs?: number | undefined
  readonly staleMs?: number | undefined
  /** Whether the primary counts as away until it was asked. */
  readonly startsAway?: StorageError | undefined
  /** Whether the replication runs by itself; a test that runs it by hand says no. */
  readonly background?: boolean | undefined
  /** Told when the primary goes away or comes back, or holds everything. */
  readonly onChange?: (() => void) | undefined
  /** Called every {@link tickMs}, from the replication's own timer. */
  readonly onTick?: (() => void) | undefined
  readonly listener?: FailoverListener | undefined
}

/** SigV4 lets a request in for 15 minutes after its signing; a minute on top for clocks that differ. */
export const DEFAULT_SETTLE_WINDOW_MS = 16 * 60_000

/** How long the primary must have been answering before a settlement is checked; the window, where that is shorter. */
const MAX_SETTLE_QUIET_MS = 60_000

/** Failover as a whole: the store, and what its owner looks at. */
export interface Failover {
  readonly store: FailoverStore
  readonly context: Context
  readonly replicator: Replicator
}

/** Puts the parts together. Nothing is asked of the primary before the first operation. */
export async function openFailover(options: FailoverOptions): Promise<Failover> {
  const { primary, journal, clock, processId, isDead, cache, logger = silentLogger } = options
  const settleWindowMs = options.settleWindowMs ?? DEFAULT_SETTLE_WINDOW_MS
  const totals = new Totals(primary.target, {
    maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
    reserveBytes: options.reserveBytes ?? 0,
    freeBytes: options.freeBytes ?? (async () => Number.POSITIVE_INFINITY),
    makeRoom: cache === undefined ? undefined : bytes => cache.makeRoom(bytes),
    onDrained: () => {
      chronicle.drained()
      options.onChange?.()
    },
  })
  const probeIntervalMs = options.probeIntervalMs ?? 2000
  const chronicle = new Chronicle({ logger, totals, probeIntervalMs, listener: options.listener })
  const availability = new Availability({
    primary,
    host: clock.host,
    intervalMs: probeIntervalMs,
    chronicle,
    onChange: () => {
      if (!availability.writes.open) replicator.wakeAll()
      options.onChange?.()
    },
  })
  const context: Context = {
    primary,
    journal,
    bytes: options.bytes,
    totals,
    availability,
    chronicle,
    clock,
    settings: {
      firstAnswerMs: options.firstAnswerMs ?? 10_000,
      settleWindowMs,
      settleQuietMs: options.settleQuietMs ?? Math.min(MAX_SETTLE_QUIET_MS, settleWindowMs),
      writeBehind: options.writeBehind ?? false,
    },
    legacy: options.legacy,
    cache,
    logger,
    openSpill: options.openSpill,
    attach: once(options.attach ?? (async () => {})),
    relieve: options.relieve,
    wake: key => replicator.wake(key),
  }
  let entering: Promise<void> | undefined
  let entered = false
  let complained = false
  const enter = (): Promise<void> | undefined => {
    if (entered) return undefined
    entering ??= Promise.resolve(context.attach())
      .then(() => journal.enter(processId))
      .then(
        () => {
          entered = true
        },
        error => {
          // A ledger that cannot be written stops no write to a primary that works.
          entering = undefined
          if (!complained) logger.error({}, `This process could not be noted in the ledger: ${String(error)}`)
          complained = true
        },
      )
    return entering
  }
  const store = new FailoverStore({
    context,
    enter,
    presignHere: options.presignHere,
    presignsAllHere: options.presignsAllHere,
    close: async () => {
      availability.close()
      await replicator.stop(STOP_GRACE_MS)
      const clean = store.writer.attempts.running === 0
      await primary.store.close()
      await store.writer.attempts.followed()
      await cache?.close()
      // What was still on its way is waited for by whoever opens the folder next.
      if (entered && clean) await journal.leave(processId).catch(error => logger.error({}, String(error)))
    },
  })
  const replicator = new Replicator(context, store.writer.attempts, {
    processId,
    isDead,
    enter,
    host: clock.host,
    concurrency: options.concurrency ?? 32,
    tickMs: options.tickMs ?? 2000,
    beatMs: options.beatMs ?? 2000,
    staleMs: options.staleMs ?? 15_000,
    backoffMs: options.backoffMs ?? 500,
    onTick: options.onTick,
  })
  if (options.startsAway !== undefined) {
    availability.writes.trip(options.startsAway)
    availability.reads.trip(options.startsAway)
  }
  await replicator.ownership.findDead()
  await bringBack(context)
  await totals.count(journal)
  chronicle.found()
  if (options.background !== false) replicator.start()
  return { store, context, replicator }
}

const STOP_GRACE_MS = 2000

/** @returns what runs `work`, shared by those who ask meanwhile, until it has succeeded once; undefined from then on */
function once(work: () => Promise<void>): () => Promise<void> | undefined {
  let running: Promise<void> | undefined
  let done = false
  return () => {
    if (done) return undefined
    running ??= work()
      .then(() => {
        done = true
      })
      .finally(() => {
        running = undefined
      })
    return running
  }
}
