import { mkdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { activeProvider } from '../../config.js'
import type { ByteRange } from '../../core/range.js'
import type { Storage } from '../../storage.js'
import type { Context } from '../context.js'
import { asFolder } from '../destination.js'
import { EXIT, isSystemError, usageError } from '../failure.js'
import { everyFile, nothingBelow } from '../listing.js'
import { printable } from '../output.js'
import { Progress } from '../progress.js'
import { Folder, saveFile } from '../save.js'
import { type Job, transfer } from '../transfer.js'
import { size } from '../wording.js'

/** The options of `holdfast get`. */
export interface GetOptions {
  readonly recursive?: true
  readonly concurrency: number
  readonly range?: ByteRange
  readonly clobber: boolean
}

/** Fetches a file, to a file or to stdout, or everything below a prefix into a folder. */
export async function get(
  context: Context,
  key: string,
  target: string | undefined,
  options: GetOptions,
): Promise<number> {
  if (options.recursive) return getMany(context, asFolder(key === '/' ? '' : key), target, options)
  const path = await pathFor(key, target)
  if (path === '-' && context.output.json)
    throw usageError('--json and "-" both want stdout; give one of them.')
  const storage = await context.storage()
  if (path !== '-') await refuseStore(context, path)
  return getOne(context, storage, key, path, options)
}

async function getOne(
  context: Context,
  storage: Storage,
  key: string,
  path: string,
  options: GetOptions,
): Promise<number> {
  const { output, signal } = context
  if (!options.clobber && path !== '-' && (await isThere(path))) {
    output.note(`${printable(path)} is already there, and was left as it is.`)
    return EXIT.ok
  }
  const file = await storage.openFile(key, { range: options.range, signal })
  const bytes = file.range === undefined ? file.stat.size : file.range.end - file.range.start + 1
  const progress = new Progress(output)
  progress.setTotal(bytes, 1)
  try {
    if (path === '-') {
      for await (const chunk of file) {
        await output.write(chunk)
        progress.addBytes(chunk.length)
      }
    } else {
      await saveFile(path, file, moved => progress.addBytes(moved))
    }
  } finally {
    progress.stop()
    await file.close()
  }
  if (path === '-') return EXIT.ok
  await (output.json ? output.object({ file: path, ...file.stat }) : output.line(path))
  output.note(`Fetched ${size(bytes)} into ${printable(path)}.`)
  return EXIT.ok
}

async function getMany(
  context: Context,
  prefix: string,
  target: string | undefined,
  options: GetOptions,
): Promise<number> {
  if (target === undefined || target === '-')
    throw usageError('--recursive needs a folder: get --recursive <prefix> <folder>.')
  if (options.range !== undefined) throw usageError('--range is for one file, not for several.')
  const storage = await context.storage()
  await refuseStore(context, target)
  const { signal } = context
  let folder: Folder | undefined
  return transfer(context, jobs(target), {
    done: 'Fetched',
    concurrency: options.concurrency,
    nothing: () => nothingBelow(prefix),
    sizes: async function* () {
      for await (const file of everyFile(storage, prefix, signal)) yield file.size
    },
  })

  async function* jobs(target: string): AsyncGenerator<Job> {
    for await (const { key } of everyFile(storage, prefix, signal)) {
      folder ??= await makeFolder(target)
      yield job(folder, key)
    }
  }

  function job(into: Folder, key: string): Job {
    const name = key.slice(prefix.length)
    return {
      name: key,
      async run(moved) {
        if (!options.clobber && (await isThere(join(into.root, name)))) return undefined
        await using file = await storage.openFile(key, { signal })
        return { file: await into.save(name, file, moved), ...file.stat }
      },
    }
  }
}

/** Where a file goes: to its own name unless another is given, and in a folder under its own name. */
async function pathFor(key: string, target: string | undefined): Promise<string> {
  if (target === undefined) return basename(key)
  // What stdout was redirected to is written to, and not replaced.
  if (target === '-' || target === '/dev/stdout') return '-'
  const isFolder =
    target.endsWith('/') || target.endsWith(sep) || (await stat(target).catch(() => undefined))?.isDirectory()
  return isFolder ? join(target, basename(key)) : target
}

async function makeFolder(path: string): Promise<Folder> {
  await mkdir(path, { recursive: true })
  return new Folder(path)
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isSystemError(error)) return false
    throw error
  }
}

/** Files fetched into the storage folder would overwrite what is stored there. */
async function refuseStore(context: Context, target: string): Promise<void> {
  const config = context.config()
  if (activeProvider(config) !== 'local') return
  const root = await realpath(config.localStoragePath)
  const path = relative(root, await realpathOfExisting(resolve(target)))
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) return
  throw usageError(`${target} lies in the storage folder (${root}); fetch into another.`)
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
