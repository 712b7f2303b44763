import { basename } from 'node:path/posix'
import { StorageError } from '../../core/errors.js'
import { parseKey } from '../../core/key.js'
import type { StorageService } from '../../service.js'
import type { CopyFileOptions, UploadResult } from '../../storage.js'
import type { Context } from '../context.js'
import { asFolder } from '../destination.js'
import { EXIT, usageError } from '../failure.js'
import { everyFile, nothingBelow } from '../listing.js'
import { printable } from '../output.js'
import { type Job, transfer } from '../transfer.js'

/** The options of `holdfast cp` and `holdfast mv`. */
export interface CopyOptions {
  readonly recursive?: true
  readonly concurrency: number
  readonly clobber: boolean
  readonly dryRun?: true
}

/** How `cp` and `mv` differ. */
interface Way {
  readonly done: string
  readonly would: string
  readonly run: (
    storage: StorageService,
    from: string,
    to: string,
    options: CopyFileOptions,
  ) => Promise<UploadResult>
}

const COPY: Way = {
  done: 'Copied',
  would: 'Would copy',
  run: (storage, from, to, options) => storage.copyFile(from, to, options),
}

const MOVE: Way = {
  done: 'Moved',
  would: 'Would move',
  run: (storage, from, to, options) => storage.moveFile(from, to, options),
}

/** Copies a file, or everything below a prefix, on the store's side. */
export function cp(context: Context, from: string, to: string, options: CopyOptions): Promise<number> {
  return transferWithin(context, COPY, from, to, options)
}

/** Moves a file, or everything below a prefix: each file is copied, then removed if it is still the one copied. */
export function mv(context: Context, from: string, to: string, options: CopyOptions): Promise<number> {
  return transferWithin(context, MOVE, from, to, options)
}

async function transferWithin(
  context: Context,
  way: Way,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<number> {
  const { output } = context
  const storage = await context.storage()
  if (options.recursive) return transferBelow(context, storage, way, asFolder(from), asFolder(to), options)
  const target = to.endsWith('/') ? to + basename(from) : to
  const result = await one(context, storage, way, from, target, options)
  if (result === undefined) {
    await output.leftOut(target)
    return EXIT.ok
  }
  if (output.json) await output.object(result)
  else if (!options.dryRun) await output.line(target)
  output.note(`${options.dryRun ? way.would : way.done} ${printable(from)} to ${printable(target)}.`)
  return EXIT.ok
}

async function transferBelow(
  context: Context,
  storage: StorageService,
  way: Way,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<number> {
  if (from.startsWith(to) || to.startsWith(from)) {
    throw usageError(`${from} and ${to} lie within one another; accepted: prefixes that are apart.`)
  }
  return transfer(context, jobs(), {
    done: options.dryRun ? way.would : way.done,
    showRate: !options.dryRun,
    concurrency: options.dryRun ? 1 : options.concurrency,
    nothing: () => nothingBelow(from),
  })

  async function* jobs(): AsyncGenerator<Job> {
    for await (const { key } of everyFile(storage, from, context.signal)) {
      yield {
        name: key,
        async run(moved) {
          const result = await one(context, storage, way, key, to + key.slice(from.length), options)
          if (result !== undefined) moved(result.size)
          return result
        },
      }
    }
  }
}

/** @returns what was done; undefined if the target was there already and is to be left as it is */
async function one(
  { output, signal }: Context,
  storage: StorageService,
  way: Way,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<{ from: string; key: string; size: number } | undefined> {
  try {
    if (options.dryRun) {
      const { size } = await storage.statFile(from, { signal })
      parseKey(to, 'copy')
      if (!output.json) await output.line(`${from} -> ${to}`)
      return { from, key: to, size }
    }
    const result = await way.run(storage, from, to, { signal, ...(!options.clobber && { ifNoneMatch: '*' }) })
    return { from, ...result }
  } catch (error) {
    if (!options.clobber && StorageError.is(error, 'ALREADY_EXISTS')) return undefined
    throw error
  }
}
