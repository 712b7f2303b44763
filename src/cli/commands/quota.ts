import type { StorageService } from '../../service.js'
import type { QuotaUsage } from '../../storage.js'
import type { Context } from '../context.js'
import { EXIT, usageError } from '../failure.js'
import { printable } from '../output.js'
import { bytesText, filesText, isOver } from '../quota-text.js'
import { number, size, table } from '../wording.js'

/** What can be done with quotas. */
export type QuotaAction = 'ls' | 'set' | 'rm' | 'recount'

/** The options of `holdfast quota`. */
export interface QuotaOptions {
  /** Of `set`. */
  readonly maxBytes?: number
  readonly maxFiles?: number
}

/** Lines of a table at a time: their columns are as wide as these ask for. */
const LINES = 1000

/** Shows and sets what may lie below prefixes. */
export async function quota(
  context: Context,
  action: QuotaAction,
  prefixes: readonly string[],
  options: QuotaOptions,
): Promise<number> {
  checkUsage(action, prefixes, options)
  const storage = await context.storage({ create: action === 'set' })
  switch (action) {
    case 'ls':
      return ls(context, storage, prefixes)
    case 'set':
      return set(context, storage, prefixes[0] as string, options)
    case 'rm':
      return rm(context, storage, prefixes)
    case 'recount':
      return recount(context, storage, prefixes)
  }
}

function checkUsage(action: QuotaAction, prefixes: readonly string[], options: QuotaOptions): void {
  const { maxBytes, maxFiles } = options
  const isLimited = maxBytes !== undefined || maxFiles !== undefined
  if (action !== 'set' && isLimited) throw usageError('--max-bytes and --max-files are of "quota set".')
  if (action === 'set' && (prefixes.length !== 1 || !isLimited)) {
    throw usageError('"quota set" takes one prefix, and --max-bytes, --max-files or both.')
  }
  if (action === 'rm' && prefixes.length === 0)
    throw usageError('Give the prefixes of quotas, as "quota ls" lists them.')
}

async function ls(
  { output }: Context,
  storage: StorageService,
  prefixes: readonly string[],
): Promise<number> {
  let rows: string[][] = []
  let count = 0
  const tell = async (): Promise<void> => {
    if (rows.length > 0) await output.line(table(rows))
    rows = []
  }
  for await (const usage of chosen(storage, prefixes)) {
    count++
    if (output.json) await output.object(usage)
    else if (rows.push(cells(usage)) >= LINES) await tell()
  }
  await tell()
  if (count === 0) output.note('There are no quotas; "holdfast quota set" makes one.')
  return EXIT.ok
}

async function set(
  context: Context,
  storage: StorageService,
  prefix: string,
  { maxBytes, maxFiles }: QuotaOptions,
): Promise<number> {
  const { output, signal } = context
  const usage = await storage.quotas.set(prefix, { maxBytes, maxFiles }, { signal, ...progressOf(context) })
  await tellOne(context, usage)
  if (isOver(usage)) output.warn(`${printable(prefix)} has more than that already; nothing more is taken.`)
  return EXIT.ok
}

async function rm(
  { output }: Context,
  storage: StorageService,
  prefixes: readonly string[],
): Promise<number> {
  let code: number = EXIT.ok
  for (const prefix of prefixes) {
    const removed = await storage.quotas.remove(prefix)
    if (removed && output.json) await output.object({ prefix, removed })
    if (removed) output.note(`Ended the quota of ${printable(prefix)}; its files stay.`)
    else {
      output.warn(`There is no quota of ${printable(prefix)}.`)
      code = EXIT.notFound
    }
  }
  return code
}

async function recount(
  context: Context,
  storage: StorageService,
  prefixes: readonly string[],
): Promise<number> {
  const { output, signal } = context
  let differing = 0
  let count = 0
  for await (const before of chosen(storage, prefixes)) {
    count++
    const usage = await storage.quotas.recount(before.prefix, { signal, ...progressOf(context) })
    await tellOne(context, usage)
    const { bytes, files, prefix } = before
    if (bytes === usage.bytes && files === usage.files) continue
    differing++
    output.note(`${printable(prefix)} was known to have ${size(bytes)} in ${number(files)} files.`)
  }
  if (count === 0) output.note('There are no quotas.')
  return differing === 0 ? EXIT.ok : EXIT.different
}

/** The quotas of these prefixes, or all. @throws `NOT_FOUND` */
async function* chosen(storage: StorageService, prefixes: readonly string[]): AsyncGenerator<QuotaUsage> {
  if (prefixes.length === 0) return yield* storage.quotas.list()
  for (const prefix of prefixes) {
    // What is not there is told by an error that names it.
    yield (await storage.quotas.get(prefix)) ?? (await storage.quotas.recount(prefix))
  }
}

async function tellOne({ output }: Context, usage: QuotaUsage): Promise<void> {
  await (output.json ? output.object(usage) : output.line(table([cells(usage)])))
}

function cells(usage: QuotaUsage): string[] {
  const { prefix, reservedBytes, reservedFiles, exact } = usage
  const notes = [
    ...(isOver(usage) ? ['over'] : []),
    ...(reservedFiles > 0 || reservedBytes > 0 ? [`${size(reservedBytes)} reserved`] : []),
    ...(exact ? [] : ['to be counted anew']),
  ]
  return [printable(prefix), bytesText(usage), filesText(usage), notes.join(', ')]
}

/** A word on standard error with every so many files, where somebody watches. */
function progressOf({ output }: Context): { onProgress?: (progress: { files: number }) => void } {
  if (!output.isWatched) return {}
  let next = 10_000
  return {
    onProgress: ({ files }) => {
      if (files < next) return
      next = files + 10_000
      output.note(`${number(files)} files are counted…`)
    },
  }
}
