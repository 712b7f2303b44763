import type { DeleteSourceReport } from './delete-source.js'
import type {
  DeleteSourceOptions,
  MigrateOptions,
  MigrationReport,
  SyncOptions,
  VerifyOptions,
  VerifyReport,
} from './types.js'

// What users import; nothing of it is loaded before it is used.

/**
 * The specification's free function: copies every file from one store to another, with all that it carries; unless
 * told otherwise from the local storage folder to the configured store. The source is only read. What is there already,
 * the same, is left out, so what was broken off at any moment is gone on with by doing it again. Bytes are hashed on
 * their way; in the end both stores are listed once more, and must hold the same. A file that fails is reported, and
 * stops none of the others.
 *
 * @throws `INVALID_ARGUMENT` if the two stores are one, `CONFIG_INVALID`, and `UNAVAILABLE` or what else a store answers
 *   for which it is given up
 */
export async function migrateFiles(options?: MigrateOptions): Promise<MigrationReport> {
  return (await import('./migrate.js')).migrateFiles(options)
}

/**
 * Removes from the source of a migration what the target holds too, byte for byte, each file on the condition that it is
 * still the one that was compared. Everything else stays.
 */
export async function deleteSourceFiles(options?: DeleteSourceOptions): Promise<DeleteSourceReport> {
  return (await import('./delete-source.js')).deleteSource(options)
}

/** Compares what two stores hold, and changes neither; every difference is told to `onDifference`. */
export async function verifyFiles(options?: VerifyOptions): Promise<VerifyReport> {
  return (await import('./verify.js')).verifyFiles(options)
}

/**
 * Makes one store a backup of another: copies what it does not have and what differs; with `delete` it also removes, in
 * the end and if nothing has failed, what the source does not have.
 */
export async function syncFiles(options?: SyncOptions): Promise<MigrationReport> {
  return (await import('./sync.js')).syncFiles(options)
}
