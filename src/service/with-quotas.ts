import { randomUUID } from 'node:crypto'
import type { StorageConfig } from '../config.js'
import type { Logger } from '../core/logger.js'
import type { Versions } from '../core/versions.js'
import type { FailoverEvents } from '../failover/events.js'
import { shared } from '../stores/local/process-id.js'
import type { Root } from '../stores/local/root.js'
import type { BackendListener, BareBackend } from './backend.js'
import { MemoryTables } from './memory-tables.js'
import { QuotaStore } from './quotas/quota-store.js'
import { Quotas, type QuotasOptions } from './quotas/quotas.js'

/** A request that was not answered is counted again this long after nothing can come of it any more. Milliseconds. */
const MARGIN_MS = 60_000

/** The backend with a store that keeps to quotas, where they have a place: a storage folder. */
export function withQuotas(backend: BareBackend, config: StorageConfig, logger: Logger): BareBackend {
  const { root, store } = backend
  if (root === undefined) return backend
  const quotas = new Quotas({
    ledger: root.ledger,
    store,
    ...nameOf(root),
    hasOthers: async () => (await root.others()).length > 0,
    recountMs: config.quotaRecountSeconds * 1000,
    lateMs: store.kind === 's3' ? config.settleWindowMs + MARGIN_MS : 0,
    logger,
  })
  return keeping(backend, quotas)
}

/** Those that are not closed, of all that this process has opened. */
const users = shared('holdfast.quota-users', () => new Set<string>())

/** Names one user of the folder; several in one process share the folder's opening, and its name. */
function nameOf(root: Root): Pick<QuotasOptions, 'processId' | 'isDead' | 'onClose'> {
  const processId = `${root.processId}/${randomUUID()}`
  users.add(processId)
  return {
    processId,
    isDead: id => {
      const process = id.slice(0, id.indexOf('/'))
      return process === root.processId ? !users.has(id) : root.isDead(process)
    },
    onClose: () => users.delete(processId),
  }
}

/** A backend whose quotas are this process's own. */
export function withOwnQuotas(backend: BareBackend, logger: Logger): BareBackend {
  const quotas = new Quotas({
    ledger: new MemoryTables(),
    store: backend.store,
    processId: 'own',
    isDead: () => false,
    hasOthers: async () => false,
    recountMs: 0,
    lateMs: 0,
    logger,
  })
  return keeping(backend, quotas)
}

function keeping(backend: BareBackend, quotas: Quotas): BareBackend {
  const { importFiles, versions, erasing } = backend
  erasing?.countedBy((key, remove) => quotas.counting(key, remove))
  return {
    ...backend,
    store: new QuotaStore(backend.store, quotas, backend.signsAllHere === true),
    quotas,
    ...(importFiles !== undefined && {
      importFiles: async (path, signal, admit) => {
        const touched = new Set<string>()
        try {
          return await importFiles(path, signal, async (key, file) => {
            const refused = await admit?.(key, file)
            const isCounted = refused === undefined && quotas.isUsed
            if (isCounted) for (const prefix of quotas.book.covering(key)) touched.add(prefix)
            return refused
          })
        } finally {
          await quotas.doubt(touched)
        }
      },
    }),
    ...(versions !== undefined && { versions: countedVersions(versions, quotas) }),
    close: async () => {
      await quotas.close()
      await backend.close()
    },
  }
}

/** With the newest version of a file goes what is there: a deletion mark's removal brings the file back. */
function countedVersions(versions: Versions, quotas: Quotas): Versions {
  return {
    versioning: options => versions.versioning(options),
    list: options => versions.list(options),
    get: (key, versionId, options) => versions.get(key, versionId, options),
    head: (key, versionId, options) => versions.head(key, versionId, options),
    tags: (key, versionId, options) => versions.tags(key, versionId, options),
    remove: async (names, options) => {
      try {
        return await versions.remove(names, options)
      } finally {
        await quotas.doubtKeys(names.map(({ key }) => key))
      }
    },
  }
}

/** The listener, from which it is also heard that somebody else's version of a file may have taken the place of ours. */
export function hearingConflicts(listener: BackendListener, heard: (key: string) => void): BackendListener {
  return {
    changed: () => listener.changed(),
    wants: event => event === 'conflict' || listener.wants(event),
    tell: (event, ...told) => {
      if (event === 'conflict') heard((told as FailoverEvents['conflict'])[0].key)
      if (listener.wants(event)) listener.tell(event, ...told)
    },
  }
}
