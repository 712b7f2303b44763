import { setTimeout as sleep } from 'node:timers/promises'
import type { StorageConfig } from '../config.js'
import { orAborted } from '../core/abort.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Logger } from '../core/logger.js'
import { attach, attachedTo, refuseWhileDetaching } from '../failover/attachment.js'
import type { Legacy } from '../failover/context.js'
import { cacheFolderOf, DiskCache } from '../failover/disk-cache.js'
import { DiskSpool, openSpill } from '../failover/disk-spool.js'
import { handOver } from '../failover/hand-over.js'
import { LedgerJournal } from '../failover/ledger-journal.js'
import { type Failover, openFailover } from '../failover/open.js'
import { troubleOf } from '../failover/primary.js'
import { primaryVersions } from '../failover/primary-versions.js'
import { LedgerReportBoard, Reporter } from '../failover/reports.js'
import { s3Primary } from '../failover/s3-primary.js'
import { sweepSpoolInBackground } from '../failover/spool-sweep.js'
import { bootId } from '../stores/local/process-id.js'
import { openRoot, type Root } from '../stores/local/root.js'
import { holdsStore } from '../stores/local/root-files.js'
import { LocalStore } from '../stores/local/store.js'
import type { S3Store } from '../stores/s3/store.js'
import type { BackendListener, BareBackend } from './backend.js'
import { DiskWatch } from './disk-watch.js'
import { readProfile } from './endpoint-profile.js'
import { Erasing } from './erasure/erasing.js'
import { FailoverEraser } from './erasure/failover-eraser.js'
import { tellingOf } from './failover-status.js'
import { identityOf } from './identity.js'
import { rootProblems } from './local-backend.js'
import { locateAtPrimary, maySendTo } from './locate.js'
import { makeS3Store } from './s3-backend.js'
import { UploadSweep } from './upload-sweep.js'

/** So many times as long as for another answer is waited for that to completing an upload, or to a copy. */
const COMPLETE_FACTOR = 6
/** How often the reserve for a full disk is tried to be laid down again. Milliseconds. */
const BALLAST_AGAIN_MS = 60_000
/** What another process has adopted is seen after this long at the latest. Milliseconds. */
const COUNT_AGE_MS = 1000
/** How long the first operation waits for a look through the folder. Milliseconds. */
const SCAN_WAIT_MS = 2000

/**
 * Opens a bucket with the storage folder as its net. The network is not touched before the first operation.
 *
 * @returns undefined where there is no storage folder and none is to be made, or where no net is wanted and there
 *   is nothing in one: then there is nothing that a net could hold
 */
export async function openFailoverBackend(
  provider: 's3' | 'minio',
  config: StorageConfig,
  logger: Logger,
  create: boolean,
  listener: BackendListener,
): Promise<BareBackend | undefined> {
  const { localStoragePath: path, ledgerPath, objectStorageFallback: isNet } = config
  const mayCreate = create && isNet
  if (!mayCreate && !holdsStore(path)) return undefined
  const root = await openRoot({ path, ledgerPath, create: mayCreate, logger }).catch(error => {
    if (isNet) throw error
    logger.warn({}, `Whether something waits in the storage folder is not known: ${String(error)}`)
    return undefined
  })
  if (root === undefined) return undefined
  try {
    refuseWhileDetaching(root)
    if (!isNet) {
      if (!holdsEntries(root)) {
        await root.close()
        return undefined
      }
      logger.warn(
        {},
        'The storage folder still holds what waits for the object store: OBJECT_STORAGE_FALLBACK=false takes effect with the first start after it was brought there.',
      )
    }
    const uploads = new UploadSweep(root, logger)
    const s3 = makeS3Store(
      provider,
      config,
      logger,
      {
        stamps: root.clock,
        // What an unanswered write may still do is noted in the journal, which a silent repetition would hide.
        // Nor does anybody wait for a silent store twice: the disk takes what it does not.
        retry: { unknownMutations: false, timeouts: false },
        deadlines: { completeMs: COMPLETE_FACTOR * config.objectStorageFirstByteTimeoutMs },
        uploads,
      },
      await readProfile(config),
    )
    const local = await LocalStore.open(root, {
      signingKeys: config.signingKeys,
      publicUrl: config.publicUrl,
      logger,
    })
    // Until every file that was there before is known, no key counts as quiet.
    await adopted(local)
    const endpoint = config.objectStorageEndpoint ?? `https://s3.${config.objectStorageRegion}.amazonaws.com`
    const disk = new DiskWatch(root.ownPath, root.ballast)
    disk.look()
    const primary = s3Primary(s3, endpoint)
    const identity = identityOf(root)
    let reporter: Reporter | undefined
    const journal = new LedgerJournal(root.ledger)
    const failover = await openFailover({
      primary,
      attach: async () => {
        if (attachedTo(root) === primary.target) return
        // Files that others have put into the folder since it was looked through are from before the bucket too.
        await local.adoptAgain()
        await attach(root, primary.target)
        await adopted(local)
      },
      journal,
      bytes: new DiskSpool(root),
      clock: root.clock,
      openSpill: () => openSpill(root),
      legacy: legacyOf(root, local),
      cache: new DiskCache({
        folder: cacheFolderOf(root.ownPath),
        boot: bootId(),
        maxBytes: config.localCacheMaxBytes,
        target: primary.target,
        processId: root.processId,
        isDead: id => root.isDead(id),
        files: root.files,
        freeBytes: () => disk.freeBytes(),
        reserveBytes: config.spoolReserveBytes,
        logger,
      }),
      ...identity,
      presignHere: (key, options) => local.presign(key, options),
      presignsAllHere: config.publicUrl !== undefined,
      logger,
      firstAnswerMs: config.objectStorageFirstByteTimeoutMs,
      settleWindowMs: config.settleWindowMs,
      writeBehind: config.objectStorageWriteMode === 'behind',
      probeIntervalMs: config.probeIntervalMs,
      maxBytes: config.spoolMaxBytes,
      reserveBytes: config.spoolReserveBytes,
      freeBytes: now => disk.freeBytes(now),
      relieve: reliefOf(root),
      listener,
      onChange: () => listener.changed(),
      onTick: () => {
        disk.look()
        reporter?.tick()
        const { reads, writes } = failover.context.availability
        if (!reads.open && !writes.open) uploads.look(() => s3.abortOrphans())
        listener.changed()
      },
    })
    reporter = new Reporter({ board: new LedgerReportBoard(root.ledger), ...identity, ...failover.context })
    await reporter.sweep()
    sweepSpoolInBackground(root, journal)
    const { publicUrl } = config
    return {
      signsAllHere: publicUrl !== undefined,
      ...backendOf(provider, { root, s3, local, journal, failover, disk, uploads, reporter, logger }),
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

/** Whether the journal holds anything; asked where no net is wanted, but one that there was may not be empty. */
function holdsEntries(root: Root): boolean {
  return attachedTo(root) !== undefined && new LedgerJournal(root.ledger).size() > 0
}

/** Waits a moment for the look through the folder. The timer keeps the process: somebody waits for the opening. */
async function adopted(local: LocalStore): Promise<void> {
  const enough = new AbortController()
  const moment = sleep(SCAN_WAIT_MS, undefined, { signal: enough.signal }).catch(() => {})
  try {
    await Promise.race([local.adopted, moment])
  } finally {
    enough.abort()
  }
}

interface Parts {
  readonly root: Root
  readonly s3: S3Store
  readonly local: LocalStore
  readonly journal: LedgerJournal
  readonly failover: Failover
  readonly disk: DiskWatch
  readonly uploads: UploadSweep
  readonly reporter: Reporter
  readonly logger: Logger
}

function backendOf(provider: 's3' | 'minio', parts: Parts): BareBackend {
  const { root, s3, local, journal, failover, disk, uploads, reporter, logger } = parts
  const { store, context } = failover
  const eraser = new FailoverEraser({ root, context, journal, store, local, bucket: s3 })
  const folder = { ledger: root.ledger, ...identityOf(root) }
  const erasing = new Erasing({ eraser, folder, logger })
  const { availability } = context
  const told = tellingOf(failover, disk)
  /** Goes on when nobody waits any more: a silence is to be noticed by its own deadlines, not by a caller's. */
  const ask = async (): Promise<void> => {
    try {
      await s3.probe()
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
  }
  let asking: Promise<void> | undefined
  return {
    provider,
    store,
    versions: primaryVersions(context, s3.versions),
    erasing,
    root,
    legacy: local,
    handOver: (key, options) => handOver(context, root.ledger, key, options),
    spillFolder: root.tmpPath,
    objectUrl: key => s3.objectUrl(key as Key),
    probe: async signal => {
      // While it is known to be away it is asked in the background, and nobody waits for it.
      if (availability.writes.open || availability.reads.open) return
      asking ??= ask().finally(() => {
        asking = undefined
      })
      await (signal === undefined ? asking : orAborted(asking, signal, 'ready', undefined))
    },
    problems: () => [...rootProblems(root), ...told.problems()],
    failover: () => told.status(),
    activity: () => told.activity(),
    verifySignedUrl: (method, pathAndQuery) => local.verifySignedUrl(method, pathAndQuery),
    close: async () => {
      await erasing.close()
      await reporter.close()
      await store.close()
      await uploads.idle()
      told.keep()
      await local.close()
      await root.close()
    },
  }
}

/** Objects that were local before the bucket was. Until every file in the folder is known, any key may have one. */
export function legacyOf(root: Root, store: LocalStore): Legacy {
  let any = true
  let countedAt = Number.NEGATIVE_INFINITY
  return {
    store,
    holds: key => {
      if (store.adopting) return true
      const now = performance.now()
      if (now - countedAt > COUNT_AGE_MS) {
        countedAt = now
        any = root.ledger.usage().count > 0
      }
      return any && root.ledger.get(key)?.row.object !== undefined
    },
  }
}

/** Gives the ballast up, and lays it down again when there is room. */
export function reliefOf(root: Root): () => Promise<boolean> {
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
