import { isUtf8 } from 'node:buffer'
import { createHash, randomUUID } from 'node:crypto'
import { type BigIntStats, closeSync, type Dirent } from 'node:fs'
import { link, lstat, mkdir, open, readdir, realpath, rename, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DEFAULT_CONTENT_TYPE } from '../../core/attributes.js'
import { checkEtags } from '../../core/condition.js'
import { chooseContentType, PROOF_BYTES } from '../../core/content-type.js'
import { StorageError, shown, throwIfAborted } from '../../core/errors.js'
import { compareUtf8, isKey, type Key, parseKey } from '../../core/key.js'
import { readChunks, type Source } from '../../core/source.js'
import type { ListedObject, ObjectStat, OpenObject, PutOptions } from '../../core/store.js'
import { storageError } from '../../stores/local/io-error.js'
import { etagOf, FileBody, openToRead, pathOfOpen, readAt, statOf } from './file-body.js'
import type { Side, SideOptions, SideRange, Unlistable } from './side.js'

/** Files are written here before they have their names; on the same filesystem, and hidden. */
const INCOMING = '.holdfast-incoming'
const PIECE_BYTES = 1024 * 1024
/** What is read of a file when it is opened: all of most files, since each wait for the disk costs as much as they do. */
const FIRST_BYTES = 64 * 1024
/** Files of a folder that are looked at together. */
const STATS_AT_ONCE = 64

/**
 * A folder of plain files as one side: nothing of ours is kept in it, so an object is its bytes, its name and its
 * time. Symbolic links are not followed. An ETag tells one state of a file from another.
 */
export class PlainFiles implements Side {
  readonly kind = 'files'
  readonly isLocal = true
  readonly hasStorageClasses = false
  readonly hasOwnWriteIds = false
  readonly verifiesReads = false
  readonly name: string
  readonly #root: string
  #incoming: Promise<string> | undefined

  /** @param root the folder's real path, or where it is to be */
  constructor(root: string) {
    this.#root = root
    this.name = `dir:${root}`
  }

  /** Makes the folder, and removes what an earlier run that was killed has left of the file that it was writing. */
  async prepare(): Promise<void> {
    await this.#io('open', undefined, async () => {
      await mkdir(this.#root, { recursive: true })
      await rm(join(this.#root, INCOMING), { recursive: true, force: true })
    })
  }

  async *objects(
    { prefix, signal }: SideRange,
    unlistable?: (found: Unlistable) => void,
  ): AsyncGenerator<ListedObject, void, void> {
    // A prefix ends within a name: what lies in folders that it leads through is all that can begin with it.
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (folder !== '' && !(await this.#isFolder(folder))) return
    yield* this.#walk(folder, prefix, signal, unlistable)
  }

  async *#walk(
    folder: string,
    prefix: string,
    signal: AbortSignal | undefined,
    unlistable: ((found: Unlistable) => void) | undefined,
  ): AsyncGenerator<ListedObject, void, void> {
    const path = join(this.#root, folder)
    let entries: Dirent<Buffer>[]
    try {
      entries = await readdir(path, { withFileTypes: true, encoding: 'buffer' })
    } catch (error) {
      if (folder === '') throw storageError(error, 'list')
      unlistable?.({ name: folder, error: storageError(error, 'list') })
      return
    }
    const names = []
    for (const entry of entries) {
      const name = folder + entry.name.toString()
      if (!isUtf8(entry.name)) {
        unlistable?.({ name, error: noKey(name, 'its name is no valid UTF-8.') })
      } else if (entry.isDirectory()) {
        if (name !== INCOMING && (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`)))
          names.push(`${name}/`)
      } else if (name.startsWith(prefix)) {
        if (entry.isSymbolicLink()) unlistable?.({ name })
        else if (!entry.isFile()) unlistable?.({ name, error: noKey(name, 'it is no regular file.') })
        else if (isKey(name)) names.push(name)
        else unlistable?.({ name, error: keyError(name) })
      }
    }
    // With its slash a folder comes where its files do in the order of all names.
    names.sort(compareUtf8)
    for (let at = 0; at < names.length; ) {
      throwIfAborted(signal, 'list')
      const name = names[at] ?? ''
      if (name.endsWith('/')) {
        yield* this.#walk(name, prefix, signal, unlistable)
        at++
        continue
      }
      const together = names.slice(at, at + STATS_AT_ONCE)
      const end = together.findIndex(other => other.endsWith('/'))
      const files = end === -1 ? together : together.slice(0, end)
      at += files.length
      const stats = await this.#io('list', undefined, () => Promise.all(files.map(file => this.#lstat(file))))
      for (const [index, stat] of stats.entries()) {
        // One that is gone by now is none.
        if (stat?.isFile()) yield listed(files[index] as Key, stat)
      }
    }
  }

  async get(name: Key, { ifMatch, signal }: SideOptions = {}): Promise<OpenObject> {
    return this.#io('get', name, async () => {
      const { fd, stat } = await this.#open('get', name)
      try {
        const found = listed(name, stat)
        if (ifMatch !== undefined)
          checkEtags({ op: 'get', key: name, store: 'local' }, [found.etag], { ifMatch })
        const first = await readAt(fd, 0, Math.min(FIRST_BYTES, found.size))
        const contentType = await chooseContentType(name, first.subarray(0, PROOF_BYTES))
        const body = new FileBody(fd, name, found, first, signal)
        return { stat: { ...found, contentType, metadata: {} }, body }
      } catch (error) {
        closeSync(fd)
        throw error
      }
    })
  }

  async head(name: Key): Promise<ObjectStat> {
    return this.#io('head', name, async () => {
      const { fd, stat } = await this.#open('head', name)
      closeSync(fd)
      return { ...listed(name, stat), contentType: DEFAULT_CONTENT_TYPE, metadata: {} }
    })
  }

  /** Writes a file beside the others, durably, and gives it its name when it is whole. Its time is the object's. */
  async put(name: Key, source: Source, options: PutOptions): Promise<ObjectStat> {
    return this.#io('put', name, async () => {
      const { ifMatch, ifNoneMatch, sha256, signal, stamp } = options
      await this.#check('put', name, { ifMatch, ifNoneMatch })
      const path = join(this.#root, name)
      await this.#makeFolder(name)
      const temporary = join(await this.#incomingFolder(), randomUUID())
      const file = await open(temporary, 'wx')
      try {
        const hash = createHash('sha256')
        for await (const piece of readChunks(source, PIECE_BYTES)) {
          throwIfAborted(signal, 'put', name)
          hash.update(piece)
          await file.writeFile(piece)
        }
        const digest = hash.digest('hex')
        if (sha256 !== undefined && sha256 !== digest) {
          const message = `The content has the SHA-256 ${digest}, and ${sha256} was declared.`
          throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'put', key: name, store: 'local', message })
        }
        if (stamp !== undefined) await file.utimes(stamp.time / 1000, stamp.time / 1000)
        await file.sync()
        const stat = await file.stat({ bigint: true })
        await file.close()
        if (ifNoneMatch === '*') {
          // Never over a file that came in between.
          await link(temporary, path)
          await unlink(temporary)
        } else {
          await this.#check('put', name, { ifMatch })
          await rename(temporary, path)
        }
        await syncFolder(dirname(path))
        return { ...listed(name, stat), ...options.attributes, sha256: digest }
      } catch (error) {
        await file.close().catch(() => {})
        await rm(temporary, { force: true }).catch(() => {})
        throw error
      }
    })
  }

  async delete(name: Key, { ifMatch }: SideOptions = {}): Promise<boolean> {
    return this.#io('delete', name, async () => {
      if (!(await this.#check('delete', name, { ifMatch }))) return false
      await this.#checkInside(dirname(join(this.#root, name)), name)
      await unlink(join(this.#root, name))
      return true
    })
  }

  async close(): Promise<void> {
    const incoming = await this.#incoming?.catch(() => undefined)
    if (incoming !== undefined) await rm(incoming, { recursive: true, force: true }).catch(() => {})
  }

  /** @returns whether there is a file. @throws `ALREADY_EXISTS`, `PRECONDITION_FAILED` */
  async #check(
    op: string,
    name: Key,
    condition: { ifMatch?: string | undefined; ifNoneMatch?: string | undefined },
  ): Promise<boolean> {
    const stat = await this.#lstat(name)
    const etags = stat?.isFile() ? [etagOf(stat)] : []
    checkEtags({ op, key: name, store: 'local' }, etags, condition)
    return etags.length > 0
  }

  async #open(op: string, name: Key): Promise<{ fd: number; stat: BigIntStats }> {
    const path = join(this.#root, name)
    const fd = await openToRead(path)
    try {
      const stat = statOf(fd)
      if (!stat.isFile()) throw absent(op, name)
      // Where the system tells what was opened, nothing else needs to be asked.
      if (pathOfOpen(fd) !== path) await this.#checkInside(dirname(path), name)
      return { fd, stat }
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  async #makeFolder(name: Key): Promise<void> {
    const folder = dirname(join(this.#root, name))
    try {
      await mkdir(folder, { recursive: true })
    } catch (error) {
      throw codeOf(error) === 'EEXIST' ? noKey(name, 'a file is in the place of its folder.') : error
    }
    await this.#checkInside(folder, name)
  }

  /** A folder in the way may be a link to elsewhere. */
  async #checkInside(folder: string, name: Key): Promise<void> {
    if (folder === this.#root || (await realpath(folder)) === folder) return
    throw noKey(name, 'a symbolic link leads elsewhere on its way.')
  }

  async #isFolder(folder: string): Promise<boolean> {
    try {
      const path = join(this.#root, folder)
      return (await realpath(path)) === path.replace(/\/$/, '') && (await lstat(path)).isDirectory()
    } catch {
      return false
    }
  }

  async #lstat(name: string): Promise<BigIntStats | undefined> {
    try {
      return await lstat(join(this.#root, name), { bigint: true })
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
      throw error
    }
  }

  #incomingFolder(): Promise<string> {
    this.#incoming ??= (async () => {
      const path = join(this.#root, INCOMING)
      await mkdir(path, { recursive: true, mode: 0o700 })
      return path
    })()
    return this.#incoming
  }

  async #io<T>(op: string, name: Key | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (name !== undefined) {
        const code = codeOf(error)
        if (code === 'ENOENT' && op !== 'put') throw absent(op, name)
        if (code === 'EEXIST' && op === 'put') {
          if ((await this.#lstat(name))?.isFile() === false)
            throw noKey(name, 'something else is in its place.')
          const message = `There is something under the name ${shown(name)} already.`
          throw new StorageError({ code: 'ALREADY_EXISTS', op, key: name, store: 'local', message })
        }
        if (code !== undefined && UNWRITABLE.has(code)) {
          throw noKey(
            name,
            `no file can have that name here (${code}); a folder of Holdfast's takes every key.`,
          )
        }
      }
      throw storageError(error, op, name)
    }
  }
}

/** What the filesystem says to a name that no file can have: a folder in the place of a file or the other way round, or too long. */
const UNWRITABLE: ReadonlySet<string> = new Set([
  'ENOTDIR',
  'EISDIR',
  'ENAMETOOLONG',
  'EILSEQ',
  'ELOOP',
  'ENOTEMPTY',
])

function listed(name: Key, stat: BigIntStats): ListedObject {
  const lastModified = new Date(Number(stat.mtimeMs))
  return { key: name, size: Number(stat.size), etag: etagOf(stat), lastModified }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function absent(op: string, key: Key): StorageError {
  const message = `There is no file ${shown(key)}.`
  return new StorageError({ code: 'NOT_FOUND', op, key, store: 'local', message })
}

function noKey(name: string, why: string): StorageError {
  const message = `${shown(name)} cannot be taken: ${why}`
  return new StorageError({ code: 'UNSUPPORTED', op: 'list', key: name, store: 'local', message })
}

function keyError(name: string): StorageError {
  try {
    parseKey(name, 'list')
  } catch (error) {
    if (StorageError.is(error)) return error
  }
  return noKey(name, 'its name is no key.')
}
