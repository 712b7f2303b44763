import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { activeProvider } from '../../config.js'
import { StorageError } from '../../core/errors.js'
import { parseKey } from '../../core/key.js'
import { newKey } from '../../core/new-key.js'
import type { Content } from '../../core/source.js'
import type { Encoding, Storage, UploadOptions } from '../../storage.js'
import type { Context } from '../context.js'
import { type Destination, destinations } from '../destination.js'
import { EXIT, usageError } from '../failure.js'
import { measure } from '../measure.js'
import { printable } from '../output.js'
import { Progress } from '../progress.js'
import { type Job, transfer, type Unmovable } from '../transfer.js'
import { type FileIdentity, walk } from '../walk.js'
import { number, size } from '../wording.js'

/** The options of `holdfast put`. */
export interface PutOptions {
  readonly to?: string
  readonly newKey?: true
  readonly recursive?: true
  readonly follow?: true
  readonly concurrency: number
  readonly contentType?: string
  readonly fileName?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly tag?: Readonly<Record<string, string>>
  readonly storageClass?: string
  /** True for the option without a word. */
  readonly compress?: true | 'auto' | Encoding
  readonly expires?: Pick<UploadOptions, 'expiresInSeconds' | 'expiresAt'>
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
  readonly clobber: boolean
  readonly dryRun?: true
}

/** Stores a file, stdin (`-`), several files, or whole folders. */
export async function put(context: Context, args: readonly string[], options: PutOptions): Promise<number> {
  if (options.newKey) return putNew(context, args, options)
  const found = await destinations(args, options.to, options.recursive === true)
  const [only] = found
  if (only !== undefined && found.length === 1 && !only.isFolder) return putOne(context, only, options)
  if (found.some(({ path }) => path === '-'))
    throw usageError('"-" (stdin) is stored alone, not among other files.')
  if (options.fileName !== undefined || options.ifMatch !== undefined) {
    throw usageError('--file-name and --if-match are for one file, not for several.')
  }
  return putMany(context, found, options)
}

/** Stores a file, or stdin, under a key that nobody had before. */
async function putNew(context: Context, args: readonly string[], options: PutOptions): Promise<number> {
  const { to, recursive, dryRun, ifMatch, ifNoneMatch, clobber, fileName } = options
  if (recursive || dryRun || ifMatch !== undefined || ifNoneMatch !== undefined || !clobber) {
    throw usageError(
      '--new-key takes no --recursive, --dry-run, --no-clobber or condition: the key is made when the file is stored.',
    )
  }
  const [path = '', ...others] = args
  const [prefix = to ?? '', ...more] = others
  if (more.length > 0 || (to !== undefined && others.length > 0)) {
    throw usageError('--new-key is for one file: put --new-key <file|-> [prefix/].')
  }
  if (prefix !== '' && !prefix.endsWith('/')) {
    throw usageError(`The new key goes below a prefix, which ends in "/", and ${prefix} does not.`)
  }
  const name = fileName ?? (path === '-' ? undefined : basename(path))
  const key = newKey(prefix, name)
  return putOne(
    context,
    { path, key, isFolder: false },
    name === undefined ? options : { ...options, fileName: name },
  )
}

async function putOne(context: Context, { path, key }: Destination, options: PutOptions): Promise<number> {
  const isStdin = path === '-'
  if (isStdin && (key === '' || key.endsWith('/')))
    throw usageError('What comes from stdin needs a key: put - <key>.')
  parseKey(key, 'put')
  if (!isStdin) await requireFile(path)
  if (options.dryRun) {
    await tellPlan(context, path, key)
    return EXIT.ok
  }
  if (isStdin && process.stdin.isTTY) context.output.note('Reading from the terminal until Ctrl-D.')
  return upload(context, isStdin ? process.stdin : { path }, key, options)
}

async function upload(context: Context, content: Content, key: string, options: PutOptions): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage({ create: true })
  const progress = new Progress(output)
  let before = 0
  try {
    const result = await storage.uploadFile(content, key, {
      ...uploadOptions(options),
      signal,
      onProgress: ({ sentBytes, totalBytes }) => {
        progress.addBytes(sentBytes - before)
        before = sentBytes
        if (totalBytes !== undefined) progress.setTotal(totalBytes, 1)
      },
    })
    progress.stop()
    await (output.json ? output.object(result) : output.line(result.key))
    const held =
      result.compressed === undefined
        ? ''
        : `, in ${size(result.compressed.size)} of ${result.compressed.encoding}`
    const until = result.expiresAt === undefined ? '' : `, until ${result.expiresAt.toISOString()}`
    output.note(`Stored ${size(result.size)} as ${printable(result.key)}${held}${until}.`)
  } catch (error) {
    if (options.clobber || !StorageError.is(error, 'ALREADY_EXISTS')) throw error
    await output.leftOut(key)
  } finally {
    progress.stop()
  }
  return EXIT.ok
}

async function putMany(
  context: Context,
  found: readonly Destination[],
  options: PutOptions,
): Promise<number> {
  const storage = options.dryRun ? undefined : await context.storage({ create: true })
  const isLocal = activeProvider(context.config()) === 'local'
  // Made before the folders are read, so that it is not taken for one of them.
  if (storage !== undefined && isLocal) await storage.ready({ signal: context.signal })
  const avoid = isLocal ? await identityIfThere(context.config().localStoragePath) : undefined
  const passed = { link: 0, avoided: 0 }
  const code = await transfer(context, jobs(), {
    done: options.dryRun ? 'Would store' : 'Stored',
    concurrency: options.dryRun ? 1 : options.concurrency,
    showRate: !options.dryRun,
    // What links lead to is known when they are followed, and not before.
    sizes: options.follow ? undefined : () => sizesOf(found, avoid),
  })
  if (passed.link > 0)
    context.output.note(`Symbolic links not followed (--follow does): ${number(passed.link)}.`)
  if (passed.avoided > 0) context.output.note('The storage folder itself was passed over.')
  return code

  async function* jobs(): AsyncGenerator<Job | Unmovable> {
    for (const { path, key, isFolder } of found) {
      if (!isFolder) {
        yield job(path, key)
        continue
      }
      try {
        for await (const entry of walk(path, { follow: options.follow === true, avoid })) {
          if (entry.kind === 'file') yield job(entry.path, key + entry.name)
          else if (entry.kind === 'problem') yield { name: `${path}/${entry.name}`, error: entry.error }
          else passed[entry.what]++
        }
      } catch (error) {
        yield { name: path, error }
      }
    }
  }

  function job(path: string, key: string): Job {
    return { name: path, run: moved => putFile(context, storage, { path, key }, options, moved) }
  }
}

/** @param storage undefined to tell only what would be done */
async function putFile(
  context: Context,
  storage: Storage | undefined,
  { path, key }: Pick<Destination, 'path' | 'key'>,
  options: PutOptions,
  moved: (bytes: number) => void,
): Promise<object | undefined> {
  if (storage === undefined) {
    parseKey(key, 'put')
    moved(await requireFile(path))
    if (!context.output.json) await tellPlan(context, path, key)
    return { file: path, key }
  }
  let before = 0
  try {
    const result = await storage.uploadFile({ path }, key, {
      ...uploadOptions(options),
      signal: context.signal,
      onProgress: ({ sentBytes }) => {
        moved(sentBytes - before)
        before = sentBytes
      },
    })
    return { file: path, ...result }
  } catch (error) {
    if (!options.clobber && StorageError.is(error, 'ALREADY_EXISTS')) return undefined
    throw error
  }
}

async function tellPlan({ output }: Context, file: string, key: string): Promise<void> {
  await (output.json ? output.object({ file, key }) : output.line(`${file} -> ${key}`))
}

/** @returns bytes. @throws `INVALID_ARGUMENT` for a folder; the system's error for nothing */
async function requireFile(path: string): Promise<number> {
  const there = await stat(path)
  if (there.isDirectory()) throw usageError(`${path} is a folder: --recursive stores what is in it.`)
  return there.size
}

async function* sizesOf(
  found: readonly Destination[],
  avoid: FileIdentity | undefined,
): AsyncGenerator<number> {
  for (const { path, isFolder } of found) {
    if (isFolder) yield* measure(path, avoid)
    else yield (await stat(path)).size
  }
}

async function identityIfThere(folder: string): Promise<FileIdentity | undefined> {
  return stat(resolve(folder)).catch(() => undefined)
}

function uploadOptions(options: PutOptions): UploadOptions {
  const { contentType, fileName, metadata, tag: tags, storageClass, compress: how, ifMatch } = options
  const ifNoneMatch = options.clobber ? options.ifNoneMatch : '*'
  const compress = how === true ? 'auto' : how
  return {
    contentType,
    fileName,
    metadata,
    tags,
    storageClass,
    compress,
    ...options.expires,
    ifMatch,
    ifNoneMatch,
  }
}
