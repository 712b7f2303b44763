import { access, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StorageConfig } from '../config.js'
import { StorageError } from '../core/errors.js'
import { type Key, RESERVED_PREFIX } from '../core/key.js'
import type { Logger } from '../core/logger.js'
import type { Legacy } from '../failover/context.js'
import { DiskSpool, openSpill } from '../failover/disk-spool.js'
import { LedgerJournal } from '../failover/ledger-journal.js'
import { type Failover, openFailover } from '../failover/open.js'
import { type Primary, troubleOf } from '../failover/primary.js'
import { s3Primary } from '../failover/s3-primary.js'
import type { Problem } from '../storage.js'
import { openRoot, type Root } from '../stores/local/root.js'
import { LocalStore } from '../stores/local/store.js'
import type { S3Store } from '../stores/s3/store.js'
import type { Backend, FailoverStatus } from './backend.js'
import { ATTACHED, rootProblems } from './local-backend.js'
import { locateAtPrimary, maySendTo } from './locate.js'
import { makeS3Store } from './s3-backend.js'

/** A bucket that is switched off needs no asking. Milliseconds. */
const SWITCHED_OFF_PROBE_MS = 3_600_000
/** Free disk space is asked for again after this long. Milliseconds. */
const FREE_SPACE_AGE_MS = 250
/** How often the reserve for a full disk is tried to be laid down again. Milliseconds. */
const BALLAST_AGAIN_MS = 60_000
/** How long the first operation waits for a look through the folder. Milliseconds. */
const SCAN_WAIT_MS = 2000

/**
 * Opens a bucket with the storage folder as its net. The network is not touched before the first operation.
 *
 * @returns undefined where there is no storage folder and none is to be made: then there is nothing that a net
 *   could hold
 */
export async function openFailoverBackend(
  provider: 's3' | 'minio',
  config: StorageConfig,
  logger: Logger,
  create: boolean,
  onChange: () => void,
): Promise<Backend | undefined> {
  const { localStoragePath: path, ledgerPath } = config
  if (!create && !(await exists(join(resolve(path), RESERVED_PREFIX)))) return undefined
  const root = await openRoot({ path, ledgerPath, create, logger })
  try {
    const s3 = makeS3Store(provider, config, logger, {
      stamps: root.clock,
      // What an unanswered write may still do is noted in the journal, which a silent repetition would hide.
      retry: { unknownMutations: false },
      uploads: {
        begin: upload => root.uploads.begin(upload),
        end: uploadId => root.uploads.end(uploadId),
        orphans: async () => root.uploads.orphans(),
      },
    })
    const local = await LocalStore.open(root, {
      signingKeys: config.signingKeys,
      publicUrl: config.publicUrl,
      logger,
    })
    // Until every file that was there before is known, no key counts as quiet.
    await Promise.race([local.adopted, sleep(SCAN_WAIT_MS, undefined, { ref: false })])
    const endpoint = config.objectStorageEndpoint ?? `https://s3.${config.objectStorageRegion}.amazonaws.com`
    const failover = await openFailover({
      primary: s3Primary(s3, endpoint),
      journal: new LedgerJournal(root.ledger),
      bytes: new DiskSpool(root),
      clock: root.clock,
      openSpill: () => openSpill(root),
      legacy: legacyOf(root, local),
      ...identityOf(root),
      presignHere: (key, options) => local.presign(key, options),
      presignsAllHere: config.publicUrl !== undefined,
      logger,
      firstAnswerMs: config.objectStorageFirstByteTimeoutMs,
      settleWindowMs: config.settleWindowMs,
      writeBehind: config.objectStorageWriteMode === 'behind',
      probeIntervalMs: config.probeIntervalMs,
      maxBytes: config.spoolMaxBytes,
      reserveBytes: config.spoolReserveBytes,
      freeBytes: freeBytesOf(root.ownPath),
      relieve: reliefOf(root),
      onChange,
    })
    if (root.ledger.fact(ATTACHED) !== failover.context.primary.target) {
      await root.ledger.setFact(ATTACHED, failover.context.primary.target)
    }
    const { publicUrl } = config
    return {
      ...backendOf(provider, { root, s3, local, failover, logger }),
      ...(publicUrl !== undefined &&
        maySendTo(publicUrl, s3.publicOrigin) && {
          locate: (key, signal) => locateAtPrimary(failover.store, key, signal),
        }),
    }
  } catch (error) {
    await root.close()
    throw error
  }
}

/**
 * Opens a storage folder whose object store was switched off with entries still to be brought to it: they stay
 * readable, and what is written goes on to be journaled, for the bucket that holds the rest.
 *
 * @returns undefined where nothing waits for a bucket: then the folder is a store of its own
 */
export async function openSwitchedOff(
  root: Root,
  local: LocalStore,
  logger: Logger,
): Promise<Failover | undefined> {
  const journal = new LedgerJournal(root.ledger)
  const target = root.ledger.fact(ATTACHED)
  if (target === undefined || journal.size() === 0) return undefined
  const message = `Object storage is switched off, and ${journal.size()} entries wait for ${target}; switch it on again.`
  const off = new StorageError({ code: 'UNAVAILABLE', op: 'open', store: 's3', message })
  logger.warn({ code: 'SWITCHED_OFF' }, message)
  return openFailover({
    primary: switchedOffPrimary(target, off),
    journal,
    bytes: new DiskSpool(root),
    clock: root.clock,
    openSpill: () => openSpill(root),
    legacy: legacyOf(root, local),
    relieve: reliefOf(root),
    ...identityOf(root),
    presignHere: (key, options) => local.presign(key, options),
    logger,
    probeIntervalMs: SWITCHED_OFF_PROBE_MS,
    startsAway: off,
  })
}

/** Stands for a bucket that nobody may ask. */
function switchedOffPrimary(target: string, off: StorageError): Primary {
  const refuse = (): Promise<never> => Promise.reject(off)
  return {
    target,
    store: {
      kind: 's3',
      capabilities: {
        conditionalPut: true,
        conditionalMultipart: true,
        conditionalDelete: true,
        presign: true,
        tags: true,
        storageClasses: true,
        versions: true,
        lifecycle: true,
      },
      put: refuse,
      get: refuse,
      head: refuse,
      delete: refuse,
      list: refuse,
      presign: refuse,
      close: async () => {},
    },
    outcomeOf: () => 'failed',
    now: () => Date.now(),
    look: refuse,
  }
}

interface Parts {
  readonly root: Root
  readonly s3: S3Store
  readonly local: LocalStore
  readonly failover: Failover
  readonly logger: Logger
}

function backendOf(provider: 's3' | 'minio', { root, s3, local, failover, logger }: Parts): Backend {
  const { store, context } = failover
  const { availability } = context
  const told = tellingOf(failover)
  return {
    provider,
    store,
    objectUrl: key => s3.objectUrl(key as Key),
    probe: async signal => {
      try {
        await s3.probe({ signal })
      } catch (error) {
        // What the folder takes over is no reason not to be ready; the status tells of it.
        if (!StorageError.is(error) || troubleOf(error) === 'answered') throw error
        availability.writes.trip(error)
        availability.reads.trip(error)
        return
      }
      await s3.abortOrphans().catch(error => {
        logger.warn({}, `Unfinished multipart uploads were not cleared: ${String(error)}`)
      })
    },
    problems: () => [...rootProblems(root), ...told.problems()],
    failover: () => told.status(),
    verifySignedUrl: (method, pathAndQuery) => local.verifySignedUrl(method, pathAndQuery),
    close: async () => {
      await store.close()
      told.keep()
      await local.close()
      await root.close()
    },
  }
}

/** What failover has to tell; once the ledger is about to close, what it told last. */
export function tellingOf(failover: Failover): {
  status(): FailoverStatus
  problems(): readonly Problem[]
  keep(): void
} {
  let kept: { status: FailoverStatus; problems: readonly Problem[] } | undefined
  return {
    status: () => kept?.status ?? failoverStatus(failover),
    problems: () => kept?.problems ?? awayProblems(failover),
    keep: () => {
      kept ??= { status: failoverStatus(failover), problems: awayProblems(failover) }
    },
  }
}

function failoverStatus({ context }: Failover): FailoverStatus {
  const { reads, writes } = context.availability
  const away = reads.open || writes.open
  const { pending, pendingBytes, oldestAt, settling, parked } = context.totals.totals
  return {
    away,
    fallback: writes.open || (reads.open && pending > 0),
    pending,
    pendingBytes,
    oldestPendingAt: oldestAt === undefined ? undefined : new Date(oldestAt),
    settling,
    parked,
    conflicts: context.journal.conflicts().length,
  }
}

function awayProblems({ context }: Failover): Problem[] {
  const { availability, totals, journal } = context
  const problems: Problem[] = []
  const error = availability.writes.error ?? availability.reads.error
  if (error !== undefined) {
    const message = `The object store is away (${error.code}); uploads go to the local disk. ${error.message}`
    problems.push({ code: 'PRIMARY_AWAY', message, severity: 'warning' })
  }
  const { parked, held } = totals.totals
  if (parked > 0) {
    const message = `${parked} uploads or deletes are refused by the object store, or damaged here, and wait for a person.`
    problems.push({ code: 'PARKED', message, severity: 'warning' })
  }
  if (held > 0) {
    const message = `${held} entries of the journal are for another endpoint or bucket, and are not sent to this one.`
    problems.push({ code: 'OTHER_BUCKET', message, severity: 'warning' })
  }
  const conflicts = journal.conflicts().length
  if (conflicts > 0) {
    const message = `${conflicts} files were changed by somebody else during an outage; both versions are kept.`
    problems.push({ code: 'CONFLICTS', message, severity: 'warning' })
  }
  return problems
}

/** Objects that were local before the bucket was; none any more once their number has been seen to be 0. */
function legacyOf(root: Root, store: LocalStore): Legacy {
  let scanned = false
  let any = true
  store.adopted.then(
    () => {
      scanned = true
      any = root.ledger.usage().count > 0
    },
    () => {},
  )
  return {
    store,
    holds: key => any && (!scanned || root.ledger.get(key)?.row.object !== undefined),
  }
}

let instances = 0

/** Names this failover among all of the folder; several in one process share the folder's opening, and its name. */
function identityOf(root: Root): { processId: string; isDead: (id: string) => boolean } {
  const processId = `${root.processId}/${++instances}`
  return { processId, isDead: id => root.isDead(id.slice(0, id.lastIndexOf('/'))) }
}

/** Gives the ballast up, and lays it down again when there is room. */
function reliefOf(root: Root): () => Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  root.beforeClose(async () => clearInterval(timer))
  return async () => {
    if (!(await root.ballast.release())) return false
    timer ??= setInterval(() => {
      root.ballast.build().then(
        present => {
          if (!present) return
          clearInterval(timer)
          timer = undefined
        },
        () => {},
      )
    }, BALLAST_AGAIN_MS).unref()
    return true
  }
}

function freeBytesOf(path: string): () => Promise<number> {
  let asked = Number.NEGATIVE_INFINITY
  let free: Promise<number> = Promise.resolve(0)
  return () => {
    const now = performance.now()
    if (now - asked > FREE_SPACE_AGE_MS) {
      asked = now
      free = statfs(path).then(({ bavail, bsize }) => bavail * bsize)
    }
    return free
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
