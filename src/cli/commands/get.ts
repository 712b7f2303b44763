import { mkdir, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import type { ByteRange } from '../../core/range.js'
import { saveFile } from '../../operations/save-file.js'
import type { OpenedFile } from '../../storage.js'
import type { Context } from '../context.js'
import { asFolder } from '../destination.js'
import { EXIT, usageError } from '../failure.js'
import { everyFile, nothingBelow } from '../listing.js'
import { printable } from '../output.js'
import { Progress } from '../progress.js'
import { Folder, isThere } from '../save.js'
import { refuseStoreFolder } from '../store-folder.js'
import { type Job, transfer } from '../transfer.js'
import { size } from '../wording.js'

/** The options of `holdfast get`. */
export interface GetOptions {
  readonly recursive?: true
  readonly concurrency: number
  readonly range?: ByteRange
  readonly versionId?: string
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
  // What stdout was redirected to is written to, and not replaced.
  if (target === '-' || target === '/dev/stdout') return getToStdout(context, key, options)
  return getToFile(context, key, await pathFor(key, target), options)
}

async function getToStdout(context: Context, key: string, options: GetOptions): Promise<number> {
  const { output, signal } = context
  if (output.json) throw usageError('--json and "-" both want stdout; give one of them.')
  const storage = await context.storage()
  await using file = await storage.openFile(key, {
    range: options.range,
    versionId: options.versionId,
    signal,
  })
  const progress = new Progress(output, !process.stdout.isTTY)
  progress.setTotal(bytesOf(file), 1)
  try {
    for await (const chunk of file) {
      await output.write(chunk)
      progress.addBytes(chunk.length)
    }
  } finally {
    progress.stop()
  }
  return EXIT.ok
}

async function getToFile(context: Context, key: string, path: string, options: GetOptions): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  await refuseStoreFolder(context.config(), path)
  if (!options.clobber && (await isThere(path))) {
    await output.leftOut(path)
    return EXIT.ok
  }
  await using file = await storage.openFile(key, {
    range: options.range,
    versionId: options.versionId,
    signal,
  })
  const progress = new Progress(output)
  progress.setTotal(bytesOf(file), 1)
  try {
    await saveFile(path, file, { moved: moved => progress.addBytes(moved) })
  } finally {
    progress.stop()
  }
  await (output.json ? output.object({ file: path, ...file.stat }) : output.line(path))
  output.note(`Fetched ${size(bytesOf(file))} into ${printable(path)}.`)
  return EXIT.ok
}

function bytesOf({ stat, range }: OpenedFile): number {
  return range === undefined ? stat.size : range.end - range.start + 1
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
  if (options.versionId !== undefined) throw usageError('--version-id is for one file, not for several.')
  const storage = await context.storage()
  await refuseStoreFolder(context.config(), target)
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
  const isFolder =
    target.endsWith('/') || target.endsWith(sep) || (await stat(target).catch(() => undefined))?.isDirectory()
  return isFolder ? join(target, basename(key)) : target
}

async function makeFolder(path: string): Promise<Folder> {
  await mkdir(path, { recursive: true })
  return new Folder(path)
}
