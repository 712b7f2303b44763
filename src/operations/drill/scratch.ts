import { appendFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { StorageConfig } from '../../config.js'
import type { Logger } from '../../core/logger.js'

/** Folders of a drill's own. The user's storage folder is not opened. */
export interface Scratch {
  /** Holds the oracle's record and the log, and the storage folder unless the ledger is elsewhere. */
  readonly folder: string
  readonly localStoragePath: string
  /** Where the user's ledger is on another disk. */
  readonly ledgerPath: string | undefined
  /** Writes to `log.ndjson` in the folder. */
  readonly logger: Logger
  remove(): Promise<void>
}

/** Makes the folders: beside the user's, so that the same disk is rehearsed; where that may not be written, in the system's. */
export async function makeScratch(config: StorageConfig): Promise<Scratch> {
  const folder = await makeBeside(config.localStoragePath)
  const ledgerPath = config.ledgerPath === undefined ? undefined : await makeBeside(config.ledgerPath)
  return {
    folder,
    localStoragePath: join(folder, 'store'),
    ledgerPath,
    logger: fileLogger(join(folder, 'log.ndjson')),
    remove: async () => {
      await rm(folder, { recursive: true, force: true })
      if (ledgerPath !== undefined) await rm(ledgerPath, { recursive: true, force: true })
    },
  }
}

async function makeBeside(path: string): Promise<string> {
  try {
    return await mkdtemp(`${resolve(path)}-drill-`)
  } catch {
    return mkdtemp(join(tmpdir(), 'holdfast-drill-'))
  }
}

function fileLogger(path: string): Logger {
  const at = (level: string) => (fields: object, message: string) =>
    appendFileSync(
      path,
      `${JSON.stringify({ level, time: new Date().toISOString(), msg: message, ...fields })}\n`,
    )
  return { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') }
}
