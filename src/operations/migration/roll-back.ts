import { completeConfig, loadConfig, type StorageConfig } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import { Detachment } from '../detach.js'
import { hasNet } from './live.js'
import { migrateFiles } from './migrate.js'
import type { MigrateOptions, MigrationReport } from './types.js'

export type RollBackOptions = Omit<
  MigrateOptions,
  'from' | 'to' | 'existing' | 'prefix' | 'include' | 'exclude'
>

/**
 * Goes back from a bucket to its storage folder: parts the two, and copies into the folder what the bucket has and it has
 * not, or has another of. No other process may use the folder, and nothing may wait for the bucket. Broken off at any
 * moment, it is gone on with by doing it again. The bucket is only read.
 *
 * @throws StorageError `UNAVAILABLE` if the folder is in use, or something waits for the bucket; what {@link migrateFiles} throws
 */
export async function rollBack(options: RollBackOptions = {}): Promise<MigrationReport> {
  const config: StorageConfig = options.config === undefined ? loadConfig() : completeConfig(options.config)
  if (!hasNet(config)) {
    const message =
      'No bucket with a storage folder beside it is configured: there is nothing to go back from.'
    throw new StorageError({ code: 'CONFIG_INVALID', op: 'migrate', message })
  }
  if (options.dryRun !== true) {
    const detachment = await Detachment.open(config)
    try {
      await detachment.finish({ abandon: false, signal: options.signal })
    } finally {
      await detachment.close()
    }
  }
  const { localStoragePath, ledgerPath } = config
  const to = { localStoragePath, ...(ledgerPath !== undefined && { ledgerPath }) }
  return migrateFiles({ ...options, from: config, to, existing: 'replace' })
}
