import { StorageError } from '../core/errors.js'
import type { Logger } from '../core/logger.js'
import type { Versions } from '../core/versions.js'
import { DiskSpool, openSpill } from '../failover/disk-spool.js'
import { LedgerJournal } from '../failover/ledger-journal.js'
import { openFailover } from '../failover/open.js'
import type { Primary } from '../failover/primary.js'
import { primaryVersions } from '../failover/primary-versions.js'
import { sweepSpoolInBackground } from '../failover/spool-sweep.js'
import type { Root } from '../stores/local/root.js'
import type { LocalStore } from '../stores/local/store.js'
import type { BackendListener, BareBackend } from './backend.js'
import { Erasing } from './erasure/erasing.js'
import { FailoverEraser } from './erasure/failover-eraser.js'
import { legacyOf, reliefOf } from './failover-backend.js'
import { tellingOf } from './failover-status.js'
import { identityOf } from './identity.js'
import { rootProblems } from './local-backend.js'

/** A bucket that is switched off needs no asking. Milliseconds. */
const PROBE_MS = 3_600_000

/**
 * A storage folder whose bucket is switched off, though the folder was not detached from it. The bucket may hold
 * older versions of what is written now, so everything goes on to be journaled for it; and what only the bucket
 * holds is `UNAVAILABLE`, as in an outage.
 */
export async function openSwitchedOff(
  root: Root,
  local: LocalStore,
  target: string,
  logger: Logger,
  listener: BackendListener,
): Promise<BareBackend> {
  const message = `Object storage is switched off, but this storage folder is attached to ${target}: what only the bucket holds cannot be read, and uploads and deletes are kept for it. Switch object storage on again, or end the attachment with "holdfast detach".`
  const off = new StorageError({ code: 'UNAVAILABLE', op: 'open', store: 's3', message, retryable: false })
  logger.warn({ code: 'SWITCHED_OFF' }, message)
  const journal = new LedgerJournal(root.ledger)
  const failover = await openFailover({
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
    probeIntervalMs: PROBE_MS,
    startsAway: off,
    listener,
    onChange: () => listener.changed(),
    onTick: () => listener.changed(),
  })
  sweepSpoolInBackground(root, journal)
  const told = tellingOf(failover)
  const eraser = new FailoverEraser({
    root,
    context: failover.context,
    journal,
    store: failover.store,
    local,
    bucket: undefined,
  })
  const folder = { ledger: root.ledger, ...identityOf(root) }
  const erasing = new Erasing({ eraser, folder, logger })
  return {
    signsAllHere: true,
    provider: 'local',
    store: failover.store,
    versions: primaryVersions(failover.context, switchedOffVersions(off)),
    erasing,
    root,
    spillFolder: root.tmpPath,
    probe: async () => {},
    problems: () => [...rootProblems(root), ...told.problems()],
    failover: () => told.status(),
    activity: () => told.activity(),
    importFiles: async () => {
      throw new StorageError({ code: 'UNSUPPORTED', op: 'import', store: 'local', message })
    },
    verifySignedUrl: (method, pathAndQuery) => local.verifySignedUrl(method, pathAndQuery),
    close: async () => {
      await erasing.close()
      await failover.store.close()
      told.keep()
      await local.close()
      await root.close()
    },
  }
}

function switchedOffVersions(off: StorageError): Versions {
  const refuse = (): Promise<never> => Promise.reject(off)
  return { versioning: refuse, list: refuse, get: refuse, head: refuse, tags: refuse, remove: refuse }
}

/** Stands for a bucket that nobody may ask. */
function switchedOffPrimary(target: string, off: StorageError): Primary {
  const refuse = (): Promise<never> => Promise.reject(off)
  return {
    target,
    switchedOff: off,
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
