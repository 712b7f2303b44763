import type { Key } from '../../core/key.js'
import type { Logger } from '../../core/logger.js'
import type { LocatedFile } from '../../storage.js'
import type { Backend, BareBackend } from '../backend.js'
import { identityOf } from '../identity.js'
import { MemoryTables } from '../memory-tables.js'
import { WorkLease } from '../work-lease.js'
import { DueIndex } from './due-index.js'
import { ExpiringStore } from './expiring-store.js'
import { Fates } from './fates.js'
import { Sweeper } from './sweeper.js'

export interface WithExpiryOptions {
  readonly logger: Logger
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The backend with a store in which objects expire, and with what removes them when they have. */
export function withExpiry(backend: BareBackend, { logger, now }: WithExpiryOptions): Backend {
  const { root, store } = backend
  const tables = root?.ledger ?? new MemoryTables()
  // What a bucket holds outlives a process that has no folder to note it in.
  const isDurable = root !== undefined || store.kind !== 's3'
  const index = new DueIndex(tables)
  const fates = new Fates({ store, index, now, logger, isDurable })
  const { processId: holder, isDead } =
    root === undefined ? { processId: 'here', isDead: () => true } : identityOf(root)
  const lease = new WorkLease({ name: 'expiry', tables, holder, isDead })
  const sweeper = new Sweeper({ index, fates, lease, now, logger })
  const expiring = new ExpiringStore({
    store,
    index,
    fates,
    now,
    logger,
    isDurable,
    expect: due => sweeper.expect(due),
  })
  const { locate } = backend
  let isClosed = false
  return {
    ...backend,
    store: expiring,
    keep: (key, options) => fates.keep(key, options),
    sweepExpired: async () => ({ removed: await sweeper.sweep(), complete: !index.isDue(now()) }),
    expiring: () => {
      const next = isClosed ? undefined : index.next()
      return next === undefined ? undefined : { files: index.size, nextAt: new Date(next) }
    },
    expired: () => sweeper.removed,
    onExpired: listener => fates.onRemoved(listener),
    ...(locate !== undefined && {
      locate: async (key: Key, signal: AbortSignal | undefined) => {
        const located = await locate(key, signal)
        return located === undefined ? undefined : whileItLasts(expiring, key, located, now)
      },
    }),
    close: async () => {
      isClosed = true
      await sweeper.close()
      await expiring.settled()
      await backend.close()
    },
  }
}

/** What whoever is sent to the bucket is told: nothing of a file that has expired, and no longer than it lasts. */
function whileItLasts(
  store: ExpiringStore,
  key: Key,
  located: LocatedFile,
  now: () => number,
): LocatedFile | undefined {
  const { stat, url } = located
  const { expiresAt, ...lasting } = stat
  if (expiresAt === undefined) return located
  const isKept = store.isKept(key, stat.etag)
  if (isKept) return { stat: lasting, url }
  const secondsLeft = Math.floor((expiresAt.getTime() - now()) / 1000)
  if (secondsLeft < 1) return undefined
  return {
    stat,
    url: async answer => url({ ...answer, expiresInSeconds: Math.min(answer.expiresInSeconds, secondsLeft) }),
  }
}
