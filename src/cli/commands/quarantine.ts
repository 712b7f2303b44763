import { StorageError } from '../../core/errors.js'
import type { QuarantinedFile } from '../../inspection.js'
import type { StorageService } from '../../service.js'
import { confirm } from '../confirm.js'
import type { Context } from '../context.js'
import { EXIT, failureOf, usageError } from '../failure.js'
import { printable } from '../output.js'
import { files, number, size, table } from '../wording.js'

/** What can be done with the quarantine. */
export type QuarantineAction = 'ls' | 'show' | 'release' | 'rm'

/** The options of `holdfast quarantine`. */
export interface QuarantineOptions {
  /** Of `release`. */
  readonly overwrite?: true
  /** Of `rm`. */
  readonly all?: true
  readonly yes?: true
  /** Of `release` and `rm`. */
  readonly dryRun?: true
}

/** Lists, releases and removes what inspection holds back. */
export async function quarantine(
  context: Context,
  action: QuarantineAction,
  ids: readonly string[],
  options: QuarantineOptions,
): Promise<number> {
  check(action, ids, options)
  const storage = await context.storage()
  switch (action) {
    case 'ls':
      return ls(context, storage)
    case 'show':
      return eachOf(context, ids, id => show(context, storage, id))
    case 'release':
      return eachOf(context, ids, id => release(context, storage, id, options))
    case 'rm':
      return rm(context, storage, ids, options)
  }
}

function check(action: QuarantineAction, ids: readonly string[], options: QuarantineOptions): void {
  if (action === 'ls' && ids.length > 0) throw usageError('"quarantine ls" takes no ids.')
  const isAll = action === 'rm' && options.all === true
  if (isAll && ids.length > 0) throw usageError('Give ids or --all, and not both.')
  if (action !== 'ls' && ids.length === 0 && !isAll) {
    throw usageError('Give the ids of files in quarantine, as "quarantine ls" lists them.')
  }
  if (options.overwrite && action !== 'release') throw usageError('--overwrite is of "quarantine release".')
  if (options.all && action !== 'rm') throw usageError('--all is of "quarantine rm".')
}

async function ls({ output, signal }: Context, storage: StorageService): Promise<number> {
  let count = 0
  for await (const file of storage.quarantine.list({ signal })) {
    count++
    await (output.json ? output.object(file) : output.line(line(file)))
  }
  if (count === 0) output.note('Nothing is in quarantine.')
  return EXIT.ok
}

function line({ id, at, size: bytes, key, reason }: QuarantinedFile): string {
  const because = reason === undefined ? '' : `  ${printable(reason)}`
  return `${id}  ${at.toISOString()}  ${size(bytes).padStart(8)}  ${printable(key)}${because}`
}

async function show({ output, signal }: Context, storage: StorageService, id: string): Promise<void> {
  const file = await storage.quarantine.get(id, { signal })
  if (output.json) return output.object(file)
  await output.line(table(rows(file)))
}

function rows(file: QuarantinedFile): string[][] {
  const { id, key, reason, at, removedAt, size: bytes, sha256, contentType, fileName, metadata, path } = file
  return [
    ['id', id],
    ['key', printable(key)],
    ...(reason === undefined ? [] : [['reason', printable(reason)]]),
    ['at', at.toISOString()],
    ['removedAt', removedAt?.toISOString() ?? 'never by itself'],
    ['size', `${size(bytes)} (${number(bytes)} bytes)`],
    ['sha256', sha256],
    ['contentType', printable(contentType)],
    ...(fileName === undefined ? [] : [['fileName', printable(fileName)]]),
    ...Object.entries(metadata).map(([name, value]) => [`metadata.${name}`, printable(value)]),
    ['path', path],
  ]
}

async function release(
  { output, signal }: Context,
  storage: StorageService,
  id: string,
  { overwrite, dryRun }: QuarantineOptions,
): Promise<void> {
  if (dryRun) {
    const { key } = await storage.quarantine.get(id, { signal })
    await (output.json ? output.object({ id, key, wouldRelease: true }) : output.line(printable(key)))
    return
  }
  const result = await storage.quarantine.release(id, { overwrite: overwrite === true, signal })
  await (output.json ? output.object({ id, ...result }) : output.line(printable(result.key)))
}

async function rm(
  context: Context,
  storage: StorageService,
  given: readonly string[],
  options: QuarantineOptions,
): Promise<number> {
  const { output, signal } = context
  const ids: string[] = [...given]
  if (options.all) for await (const { id } of storage.quarantine.list({ signal })) ids.push(id)
  if (ids.length === 0) {
    output.note('Nothing is in quarantine.')
    return EXIT.ok
  }
  const isAsked = !options.dryRun && (ids.length > 1 || options.all === true)
  if (isAsked && !(await confirm(context, `Remove ${files(ids.length)} for good?`, options.yes === true))) {
    output.note('Nothing was removed.')
    return EXIT.ok
  }
  return eachOf(context, ids, async id => {
    if (options.dryRun) await storage.quarantine.get(id, { signal })
    else await storage.quarantine.remove(id, { signal })
    const outcome = options.dryRun ? { wouldRemove: true } : { removed: true }
    await (output.json ? output.object({ id, ...outcome }) : output.line(printable(id)))
  })
}

/** Does it for each; the failure of one stops none of the others. */
async function eachOf(
  { output, signal }: Context,
  ids: readonly string[],
  run: (id: string) => Promise<void>,
): Promise<number> {
  const [only] = ids
  if (ids.length === 1 && only !== undefined) {
    await run(only)
    return EXIT.ok
  }
  let code: number = EXIT.ok
  for (const id of ids) {
    try {
      await run(id)
    } catch (error) {
      if (signal.aborted || !StorageError.is(error)) throw error
      const failure = failureOf(error)
      output.failure({ ...failure, json: { ...failure.json, id } })
      code = EXIT.partial
    }
  }
  return code
}
