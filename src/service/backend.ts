import { activeProvider, type StorageConfig } from '../config.js'
import type { Key } from '../core/key.js'
import type { Logger } from '../core/logger.js'
import type { ObjectStat, OperationOptions, Store } from '../core/store.js'
import type { Versions } from '../core/versions.js'
import type { FailoverListener } from '../failover/events.js'
import type { HandedOver, HandOverOptions } from '../failover/hand-over.js'
import type {
  CacheStatus,
  ExpiryReport,
  FailoverActivity,
  FailoverReport,
  ImportReport,
  LocatedFile,
  Problem,
  SignedAccess,
  StorageStatus,
} from '../storage.js'
import type { Root } from '../stores/local/root.js'
import type { Erasing } from './erasure/erasing.js'
import { withExpiry } from './expiry/with-expiry.js'
import type { LocalLifecycle } from './lifecycle/local-lifecycle.js'
import { withLifecycle } from './lifecycle/with-lifecycle.js'
import { type QuarantineStore, withQuarantine } from './quarantine.js'
import type { Quotas } from './quotas/quotas.js'
import { hearingConflicts, withOwnQuotas, withQuotas } from './with-quotas.js'

/** A store with what the service needs to know beside the driver contract. */
export interface Backend {
  readonly provider: 's3' | 'minio' | 'local'
  readonly store: Store
  /** The versions of objects; absent where none can be kept. */
  readonly versions?: Versions
  /** The storage folder, with the ledger beside its objects; absent where there is none. */
  readonly root?: Root
  /** Removes files so that nothing of them is left; absent where that cannot be known. */
  readonly erasing?: Erasing
  /** Whether every URL that the store signs leads to this service, unless a direct one is asked for. */
  readonly signsAllHere?: boolean
  /** What keeps to quotas, where they have a place. */
  readonly quotas?: Quotas
  /** Where files of no name may be made beside the objects; the system's folder for such files unless given. */
  readonly spillFolder?: string
  /** The provider's own URL of an object; absent on local storage. */
  objectUrl?(key: Key): string
  /** Proves that the store answers. @throws StorageError what is wrong with it */
  probe(signal: AbortSignal | undefined): Promise<void>
  /** What the store itself has to tell, from memory. */
  problems(): readonly Problem[]
  /** Files and bytes in all, where they are known without counting. */
  metrics?(): Promise<{ count: number; bytes: number }>
  /** What failover has to tell, from memory; absent where there is none. */
  failover?(): FailoverStatus
  /** What failover has counted; absent where there is none. */
  activity?(): FailoverActivity
  /** Makes an object that expires last. @throws StorageError `NOT_FOUND` */
  keep(key: Key, options: OperationOptions): Promise<ObjectStat>
  /** Removes what has expired, now. */
  sweepExpired(): Promise<ExpiryReport>
  /** What is noted to expire; undefined where nothing is, or nothing can be asked any more. */
  expiring(): StorageStatus['expiry']
  /** Expired objects that were removed here so far. */
  expired(): number
  /** Calls back after each removal of an expired object. */
  onExpired(listener: (removed: ObjectStat) => void | Promise<void>): void
  /** @param admit why a file is not to be taken for an object; undefined if it may be */
  importFiles?(
    path: string | undefined,
    signal: AbortSignal | undefined,
    admit?: (key: Key, path: string) => Promise<string | undefined>,
  ): Promise<ImportReport>
  /** The storage folder, where it is opened only when it is needed; undefined where there is none, and `create` is false. */
  folder?(create: boolean): Promise<Root | undefined>
  /** The files in quarantine; undefined where there is no storage folder, and `create` is false. */
  quarantine?(create: boolean): Promise<QuarantineStore | undefined>
  /** Where a client can read an object by itself; undefined where it is to be served from here. */
  locate?(key: Key, signal: AbortSignal | undefined): Promise<LocatedFile | undefined>
  verifySignedUrl?(method: string, pathAndQuery: string): Promise<SignedAccess | undefined>
  /** The local files from before the bucket, where there is one. */
  readonly legacy?: Store
  /** Has one of them brought to the bucket, where that has nothing under the key. */
  handOver?(key: Key, options: HandOverOptions): Promise<HandedOver>
  /** What lets local files go by rules; absent where there are none. Over a bucket those are the ones from before it. */
  readonly lifecycle?: LocalLifecycle
  close(): Promise<void>
}

/** How failover stands. */
export interface FailoverStatus {
  /** Whether the object store is away, for reads or for writes. */
  readonly away: boolean
  /** Whether uploads go to the local disk now because of that. */
  readonly fallback: boolean
  /** Acknowledged operations that the object store has not been seen to hold, and the bytes among them. */
  readonly pending: number
  readonly pendingBytes: number
  /** When the oldest of them was acknowledged. */
  readonly oldestPendingAt: Date | undefined
  /** Keys whose bytes are only kept until no late request can undo them. */
  readonly settling: number
  readonly parked: number
  readonly conflicts: number
  /** The rest, as users see it. */
  readonly report: FailoverReport
  /** The read cache, where it is on. */
  readonly cache?: CacheStatus
}

/** Who is told by a backend of what happens. */
export interface BackendListener extends FailoverListener {
  /** The state, or the problems, may be others. */
  changed(): void
}

/** A store as it is opened, before what the service adds to every one. */
export type BareBackend = Omit<
  Backend,
  'keep' | 'sweepExpired' | 'expiring' | 'expired' | 'onExpired' | 'lifecycle'
>

export interface OpenOptions {
  readonly logger: Logger
  /** Told of what happens. */
  readonly listener: BackendListener
  /** Whether a storage folder that is not there yet may be made. */
  readonly create: boolean
  /** What the time is, in milliseconds since the epoch. */
  readonly now: () => number
}

/** Opens the store that the configuration names. Each kind's code is loaded only when it is used. */
export async function openBackend(config: StorageConfig, options: OpenOptions): Promise<Backend> {
  const { listener, logger } = options
  let quotas: Quotas | undefined
  const heard = (key: string): void => {
    quotas?.doubtKeys([key]).catch(error => logger.warn({ key, error }, 'A quota may have missed a conflict'))
  }
  const bare = await openBare(config, { ...options, listener: hearingConflicts(listener, heard) })
  // Next to the store, so that all that others do to it on their own counts too.
  const counted = withQuotas(bare, config, logger)
  quotas = counted.quotas
  return withLifecycle(withExpiry(withQuarantine(counted, config, options), options), config, options)
}

async function openBare(
  config: StorageConfig,
  { logger, listener, create }: OpenOptions,
): Promise<BareBackend> {
  const provider = activeProvider(config)
  if (provider === 'local')
    return (await import('./local-backend.js')).openLocalBackend(config, logger, create, listener)
  const { openFailoverBackend } = await import('./failover-backend.js')
  const backend = await openFailoverBackend(provider, config, logger, create, listener)
  if (backend !== undefined) return backend
  return (await import('./s3-backend.js')).openS3Backend(provider, config, logger, create)
}

/** A store of the caller's own. */
export function givenBackend(store: Store, options: Pick<OpenOptions, 'logger' | 'now'>): Backend {
  const bare: BareBackend = {
    provider: 'local',
    store,
    probe: async signal => {
      await store.list({ limit: 1, signal })
    },
    problems: () => [],
    close: () => store.close(),
  }
  return withExpiry(withOwnQuotas(bare, options.logger), options)
}
