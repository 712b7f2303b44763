import { StorageError } from '../../core/errors.js'
import { deleteUnchanged } from './delete-unchanged.js'
import { eachPair } from './each-pair.js'
import { Failures } from './failures.js'
import type { Pair } from './merge.js'
import { Migration } from './migrate.js'
import { copyingUse, countAhead, type Session, withSession } from './session.js'
import type { MigrationReport, SyncOptions } from './types.js'

/**
 * Makes the target hold what the source holds: a backup. Copies what it does not have and what differs, whichever is the
 * newer. Only with `delete` it also removes what the source does not have: in the end, if nothing has failed, and by
 * complete listings of both.
 *
 * @throws StorageError as {@link migrateFiles} does; `INVALID_ARGUMENT` for `delete` where the source has no object at
 *   all, as a folder has that is not mounted
 */
export async function syncFiles(options: SyncOptions = {}): Promise<MigrationReport> {
  return withSession(options, copyingUse(options), async session => {
    void countAhead(session, options)
    const migration = new Migration(session, { ...options, existing: 'replace' })
    const report = await migration.run()
    const { files } = migration.extra
    if (options.delete !== true || files === 0 || report.failed + report.unsettled > 0) return report
    if (options.dryRun !== true && options.confirmDelete !== undefined) {
      if (!(await options.confirmDelete(migration.extra))) return report
    }
    const failures = new Failures()
    const deleted = await removeExtra(session, options, failures)
    return { ...report, deleted, failed: failures.count, failures: failures.listed }
  })
}

async function removeExtra(session: Session, options: SyncOptions, failures: Failures): Promise<number> {
  const { source, target, patience, signal } = session
  if (await isEmpty(session)) {
    const message = `${source.name} has no file at all: nothing is removed from ${target.name} for that. Is it there?`
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'sync', message })
  }
  let deleted = 0
  const see = async ({ name, source: there, target: extra }: Pair): Promise<void> => {
    if (there !== undefined || extra === undefined) return
    if (!options.dryRun && !(await patience.run(() => deleteUnchanged(target, extra, signal)))) return
    deleted++
    options.onObject?.({ key: name, size: extra.size, action: 'deleted' })
  }
  await eachPair(session, failures, see, {
    // What cannot be listed may hold what would seem to be gone.
    source: ({ error }) => {
      if (error !== undefined) throw error
    },
  })
  return deleted
}

async function isEmpty({ objects, source }: Session): Promise<boolean> {
  for await (const _ of objects(source)) return false
  return true
}
