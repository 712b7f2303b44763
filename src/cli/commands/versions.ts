import type { FileVersion, PurgeReport, VersionedStorage, VersionsOf } from '../../storage.js'
import { confirm } from '../confirm.js'
import type { Context } from '../context.js'
import { EXIT, failureOf, usageError } from '../failure.js'
import { failureText, printable } from '../output.js'
import { Progress } from '../progress.js'
import { counted, size } from '../wording.js'

/** What can be done with versions. */
export type VersionsAction = 'ls' | 'restore' | 'purge'

/** The options of `holdfast versions`. */
export interface VersionsOptions {
  /** Of `restore`. */
  readonly versionId?: string
  /** Of `ls`. */
  readonly long?: true
  /** Seconds; of `purge`, as are those below. */
  readonly olderThan?: number
  readonly keep?: number
  readonly all?: true
  readonly yes?: true
  readonly dryRun?: true
}

/** Shows, restores and purges old versions of files. */
export async function versions(
  context: Context,
  action: VersionsAction,
  names: readonly string[],
  options: VersionsOptions,
): Promise<number> {
  checkUsage(action, names, options)
  switch (action) {
    case 'ls':
      return ls(context, names, options)
    case 'restore':
      return restore(context, names, options)
    case 'purge':
      return purge(context, names, options)
  }
}

function checkUsage(action: VersionsAction, names: readonly string[], options: VersionsOptions): void {
  const only = (flag: string, of: VersionsAction, given: unknown): void => {
    if (given !== undefined && action !== of) throw usageError(`--${flag} is of "versions ${of}".`)
  }
  only('version-id', 'restore', options.versionId)
  only('long', 'ls', options.long)
  only('older-than', 'purge', options.olderThan)
  only('keep', 'purge', options.keep)
  only('all', 'purge', options.all)
  only('yes', 'purge', options.yes)
  only('dry-run', 'purge', options.dryRun)
  if (action === 'restore' && names.length === 0) throw usageError('Give the keys of the files to restore.')
  if (action === 'restore' && options.versionId !== undefined && names.length > 1)
    throw usageError('--version-id is for one file, not for several.')
  if (action === 'purge' && (names.length === 0) !== (options.all === true))
    throw usageError('Give the names of what to purge, or --all for every file of the bucket.')
}

/** Whose versions a name stands for. */
function scopeOf(name: string): VersionsOf {
  return name.endsWith('/') ? { prefix: name } : { key: name }
}

function scopesOf(names: readonly string[]): readonly VersionsOf[] {
  return names.length === 0 ? [{ prefix: '' }] : names.map(scopeOf)
}

async function ls(context: Context, names: readonly string[], options: VersionsOptions): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  const writers = options.long === true
  let found = 0
  for (const of of scopesOf(names)) {
    for await (const version of storage.listVersions(of, { writers, signal })) {
      found++
      await (output.json ? output.object(version) : output.line(versionLine(version, writers)))
    }
  }
  if (found === 0) output.note('There are no versions.')
  return EXIT.ok
}

const WIDTHS = { state: 7, size: 10, writer: 8 }

function versionLine(version: FileVersion, writers: boolean): string {
  const {
    key,
    versionId,
    isLatest,
    isDeleteMarker,
    lastModified,
    storageClass = '',
    writtenBy = '',
  } = version
  const state = isDeleteMarker ? 'deleted' : isLatest ? 'current' : 'old'
  const cells = [
    state.padEnd(WIDTHS.state),
    (isDeleteMarker ? '' : size(version.size)).padStart(WIDTHS.size),
    lastModified.toISOString().replace(/\.\d+Z$/, 'Z'),
    ...(writers ? [writtenBy.padEnd(WIDTHS.writer)] : []),
    ...(storageClass === '' ? [] : [storageClass]),
    printable(versionId),
    printable(key),
  ]
  return cells.join('  ')
}

async function restore(context: Context, keys: readonly string[], options: VersionsOptions): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  const { versionId } = options
  let failures = 0
  for (const key of keys) {
    try {
      const result = await storage.restoreVersion(key, { versionId, signal })
      await (output.json ? output.object(result) : output.line(key))
      output.note(`Restored ${printable(key)} (${size(result.size)}).`)
    } catch (error) {
      if (keys.length === 1 || signal.aborted) throw error
      failures++
      tellFailure(context, key, error)
    }
  }
  return failures === 0 ? EXIT.ok : EXIT.partial
}

async function purge(context: Context, names: readonly string[], options: VersionsOptions): Promise<number> {
  const { output } = context
  const storage = await context.storage()
  const run = (how: { readonly dryRun: boolean; readonly lists: boolean }): Promise<PurgeReport> =>
    purgeAll(context, storage, scopesOf(names), { ...options, ...how })
  if (options.dryRun) {
    const would = await run({ dryRun: true, lists: true })
    output.note(`Would remove ${summary(would)}.`)
    return EXIT.ok
  }
  if (!options.yes) {
    const would = await run({ dryRun: true, lists: false })
    if (would.removed === 0) {
      output.note('There is nothing to purge.')
      return EXIT.ok
    }
    if (!(await confirm(context, `Remove ${summary(would)} for good?`, false))) {
      output.note('Nothing was removed.')
      return EXIT.ok
    }
  }
  const done = await run({ dryRun: false, lists: false })
  const { removed, bytes, deleteMarkers, failed } = done
  if (output.json) await output.object({ removed, bytes, deleteMarkers, failed: failed.length })
  else output.note(`Removed ${summary(done)}.`)
  for (const { key, error } of failed) tellFailure(context, key, error)
  return failed.length === 0 ? EXIT.ok : EXIT.partial
}

/** Purges scope after scope, or counts what would go; where it `lists`, that is told on stdout. */
async function purgeAll(
  { output, signal }: Context,
  storage: VersionedStorage,
  scopes: readonly VersionsOf[],
  options: Omit<VersionsOptions, 'dryRun'> & { readonly dryRun: boolean; readonly lists: boolean },
): Promise<PurgeReport> {
  const { olderThan: olderThanSeconds, keep, dryRun, lists } = options
  const progress = new Progress(output, !lists)
  const failed: PurgeReport['failed'][number][] = []
  let [removed, bytes, deleteMarkers] = [0, 0, 0]
  const onRemoved = async (version: FileVersion): Promise<void> => {
    progress.addFile()
    progress.addBytes(version.size)
    if (!lists) return
    await (output.json
      ? output.object({ ...version, wouldRemove: true })
      : output.line(versionLine(version, false)))
  }
  try {
    for (const of of scopes) {
      const report = await storage.purgeVersions(of, { olderThanSeconds, keep, dryRun, onRemoved, signal })
      removed += report.removed
      bytes += report.bytes
      deleteMarkers += report.deleteMarkers
      failed.push(...report.failed)
    }
  } finally {
    progress.stop()
  }
  return { removed, bytes, deleteMarkers, failed }
}

function summary({ removed, bytes, deleteMarkers }: PurgeReport): string {
  const old = removed - deleteMarkers
  const what = `${counted(old, 'old version')} (${size(bytes)})`
  if (deleteMarkers === 0) return what
  return `${what} and ${counted(deleteMarkers, 'delete marker')}`
}

function tellFailure({ output }: Context, key: string, error: unknown): void {
  const failure = failureOf(error)
  if (output.json) output.failure({ ...failure, json: { ...failure.json, key } })
  else output.say(`  ${printable(key)}: ${failureText(failure)} (${failure.code})`)
}
