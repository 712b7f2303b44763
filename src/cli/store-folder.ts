import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { activeProvider, type StorageConfig } from '../config.js'
import { StorageError } from '../core/errors.js'
import { holdsStore } from '../stores/local/root-files.js'
import { isSystemError, usageError } from './failure.js'

/** @throws StorageError `CONFIG_INVALID` if local storage is configured and its folder holds no store */
export function requireStoreFolder(config: StorageConfig): void {
  if (activeProvider(config) !== 'local') return
  const path = resolve(config.localStoragePath)
  if (holdsStore(path)) return
  const hint = existsSync(path)
    ? 'The folder is there; "holdfast serve" and "holdfast put" make a store of it, and take over the files in it.'
    : '"holdfast serve" and "holdfast put" make one; LOCAL_STORAGE_PATH or --local-path names another.'
  throw new StorageError({ code: 'CONFIG_INVALID', op: 'open', message: `no store at ${path}. ${hint}` })
}

/**
 * Refuses a path in the folder of local storage: a file fetched to there would overwrite what is stored.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export async function refuseStoreFolder(config: StorageConfig, target: string): Promise<void> {
  if (activeProvider(config) !== 'local') return
  const root = await realpath(config.localStoragePath)
  const path = relative(root, await realpathOfExisting(resolve(target)))
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) return
  throw usageError(`${target} lies in the storage folder (${root}); choose another.`)
}

/** The real path of what is there, or of the nearest folder above it that is. */
async function realpathOfExisting(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isSystemError(error) || dirname(path) === path) throw error
    return realpathOfExisting(dirname(path))
  }
}
