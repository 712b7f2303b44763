import type { StorageConfig } from '../config.js'
import type { Logger } from '../core/logger.js'
import { attachedTo, refuseWhileDetaching } from '../failover/attachment.js'
import type { Problem } from '../storage.js'
import { openRoot, type Root } from '../stores/local/root.js'
import { LocalStore } from '../stores/local/store.js'
import type { BackendListener, BareBackend } from './backend.js'
import { Erasing } from './erasure/erasing.js'
import { folderEraser } from './erasure/plain-erasers.js'
import { identityOf } from './identity.js'

/** Problems of the folder that leave no write possible. */
const GRAVE: ReadonlySet<string> = new Set(['LEDGER_FAILED', 'FOLDER_TAKEN_OVER'])

/** What the storage folder has to tell. */
export function rootProblems(root: Root): Problem[] {
  return root.problems.map(problem => ({
    ...problem,
    severity: GRAVE.has(problem.code) ? 'error' : 'warning',
  }))
}

/** Opens the storage folder as the store. */
export async function openLocalBackend(
  config: StorageConfig,
  logger: Logger,
  create: boolean,
  listener: BackendListener,
): Promise<BareBackend> {
  const root = await openRoot({
    path: config.localStoragePath,
    ledgerPath: config.ledgerPath,
    create,
    logger,
  })
  try {
    return await backendOf(root, config, logger, listener)
  } catch (error) {
    await root.close()
    throw error
  }
}

async function backendOf(
  root: Root,
  config: StorageConfig,
  logger: Logger,
  listener: BackendListener,
): Promise<BareBackend> {
  refuseWhileDetaching(root)
  const store = await LocalStore.open(root, {
    signingKeys: config.signingKeys,
    publicUrl: config.publicUrl,
    logger,
  })
  const target = attachedTo(root)
  if (target !== undefined) {
    // Loaded only where a bucket was ever in use.
    const { openSwitchedOff } = await import('./switched-off.js')
    return openSwitchedOff(root, store, target, logger, listener)
  }
  const folder = { ledger: root.ledger, ...identityOf(root) }
  const erasing = new Erasing({ eraser: folderEraser(root, store), folder, logger })
  return {
    signsAllHere: true,
    provider: 'local',
    store,
    root,
    erasing,
    spillFolder: root.tmpPath,
    probe: async signal => {
      await store.list({ limit: 1, signal })
    },
    problems: () => rootProblems(root),
    metrics: () => store.metrics(),
    importFiles: (path, signal, admit) => store.importFiles(path, signal, admit),
    verifySignedUrl: (method, pathAndQuery) => store.verifySignedUrl(method, pathAndQuery),
    close: async () => {
      await erasing.close()
      await store.close()
      await root.close()
    },
  }
}
