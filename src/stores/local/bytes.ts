import { createHash } from 'node:crypto'
import { endedBy } from '../../core/abort.js'
import { shown, throwIfAborted } from '../../core/errors.js'
import type { Source } from '../../core/source.js'
import { type FileIdentity, type Files, systemCode } from './files.js'
import type { FreeSpace } from './free-space.js'
import { failure } from './io-error.js'

/** Bytes read, hashed and written at a time. */
const CHUNK_BYTES = 256 * 1024

/**
 * Content up to this size is made durable with its row, in the ledger, and its file is synced later: one wait for
 * the disk instead of two.
 */
export const INLINE_BYTES = 64 * 1024

/**
 * Files written without a sync that are kept open until it: what their own descriptor was opened before, its sync tells
 * of, whatever the system forgets meanwhile. Of more, the sync opens the file anew.
 */
const MAX_UNSYNCED = 256

/** A file whose bytes and whose name survive a power loss. */
export interface DurableFile {
  readonly identity: FileIdentity
  /** Lower-case hex. */
  readonly sha256: string
}

/** Content small enough for the ledger, in memory. */
export interface SmallContent {
  readonly content: Buffer
  /** Lower-case hex. */
  readonly sha256: string
}

export interface WriteOptions {
  readonly op: string
  readonly key: string
  readonly signal?: AbortSignal | undefined
  /** Lower-case hex that the content must have, else `INVALID_ARGUMENT`. */
  readonly sha256?: string | undefined
}

/**
 * The one place where bytes become durable. A file is there whole, synced and with its name synced, or not at
 * all; a sync that failed is never tried again, for the system may have dropped what it could not write.
 */
export class Bytes {
  readonly #files: Files
  readonly #folders: FolderSync
  readonly #space: Pick<FreeSpace, 'check'>
  /** Open descriptors, by the ids that the files were written under. */
  readonly #unsynced = new Map<string, number>()
  #closed = false

  constructor(files: Files, space: Pick<FreeSpace, 'check'>) {
    this.#files = files
    this.#space = space
    this.#folders = new FolderSync(files)
  }

  /**
   * Takes the source's content into memory, if it is at most {@link INLINE_BYTES}.
   *
   * @returns undefined if it is more; nothing of it is used up then
   * @throws StorageError as {@link write} does
   */
  async readSmall(source: Source, options: WriteOptions): Promise<SmallContent | undefined> {
    if (source.size !== undefined && source.size > INLINE_BYTES) return undefined
    await this.#space.check(options.op, options.key)
    const content = endedBy(options.signal, source, options.op, options.key)
    const head = await content.read(0, INLINE_BYTES + 1)
    if (head.length > INLINE_BYTES) return undefined
    // A copy, so that a caller who reuses the buffer does not change what was hashed.
    const bytes = Buffer.from(head)
    source.release(bytes.length)
    throwIfAborted(options.signal, options.op, options.key)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    checkSha256(sha256, options)
    return { content: bytes, sha256 }
  }

  /**
   * Writes a new file that nothing relies on yet: neither it nor its name is durable.
   *
   * @param id by which {@link sync} knows it, whatever its name is then; or {@link letGo}, if it is not to be synced
   */
  async writeUnsynced(path: string, content: Buffer, id: string): Promise<FileIdentity> {
    const fd = await this.#files.create(path)
    let isKept = false
    try {
      if (content.length > 0) await this.#files.write(fd, content, 0)
      const identity = await this.#files.fstat(fd)
      this.letGo(id)
      isKept = !this.#closed && this.#unsynced.size < MAX_UNSYNCED
      if (isKept) this.#unsynced.set(id, fd)
      return identity
    } finally {
      if (!isKept) this.#closeUnsynced(fd)
    }
  }

  /** Makes a file durable that {@link writeUnsynced} wrote; its name is another matter. @param path where it is now */
  async sync(path: string, id: string): Promise<void> {
    const held = this.#unsynced.get(id)
    this.#unsynced.delete(id)
    const fd = held ?? (await this.#files.openToRead(path))
    try {
      await this.#files.fsync(fd)
    } finally {
      await this.#files.close(fd)
    }
  }

  /** Gives up a file that {@link writeUnsynced} wrote: nobody needs it durable. */
  letGo(id: string): void {
    const fd = this.#unsynced.get(id)
    if (fd === undefined) return
    this.#unsynced.delete(id)
    this.#closeUnsynced(fd)
  }

  /** Gives up all files that are not synced. */
  close(): void {
    this.#closed = true
    for (const id of [...this.#unsynced.keys()]) this.letGo(id)
  }

  /** Nobody waits for it: what it could still report is of a file that is synced later, or never. */
  #closeUnsynced(fd: number): void {
    this.#files.close(fd).catch(() => {})
  }

  /**
   * Writes the source to a new file: its bytes, then in parallel their sync and that of the folder.
   *
   * @throws StorageError `INVALID_ARGUMENT` for other content than declared, and what the source throws; the
   *   system's own error where the disk fails. The file is gone then.
   */
  async write(folder: string, name: string, source: Source, options: WriteOptions): Promise<DurableFile> {
    const path = `${folder}/${name}`
    await this.#space.check(options.op, options.key)
    const fd = await this.#files.create(path)
    let open = true
    try {
      // The name is there from now on, so it can be synced while the bytes are still coming: both must be
      // done before anybody relies on the file, in whatever order.
      const named =
        source.size !== undefined && source.size <= CHUNK_BYTES ? this.syncFolder(folder) : undefined
      named?.catch(() => {})
      const sha256 = await this.#copy(fd, source, options)
      checkSha256(sha256, options)
      const steps = [this.#files.fstat(fd), this.#files.fsync(fd), named ?? this.syncFolder(folder)] as const
      // All of them, also where one fails: the descriptor is not closed under a sync.
      await Promise.allSettled(steps)
      const [identity] = await Promise.all(steps)
      open = false
      await this.#files.close(fd)
      return { identity, sha256 }
    } catch (error) {
      if (open) await this.#files.close(fd).catch(() => {})
      await this.discard(path)
      throw error
    }
  }

  /** Makes the names in a folder durable; those who ask at the same time share one sync. */
  syncFolder(folder: string): Promise<void> {
    return this.#folders.sync(folder)
  }

  /** Removes a file that nobody needs; what cannot be removed is left to the sweep at the next start. */
  async discard(path: string): Promise<void> {
    await this.#files.unlink(path).catch(() => {})
  }

  /** Copies the source to the file, one chunk being read while the one before is written. @returns the SHA-256 */
  async #copy(fd: number, source: Source, options: WriteOptions): Promise<string> {
    const content = endedBy(options.signal, source, options.op, options.key)
    const hash = createHash('sha256')
    // Two buffers by turns: one is filled while the other is written. What is hashed and written is a copy, so
    // that a caller who reuses its own buffer cannot part the two.
    const length = Math.min(CHUNK_BYTES, source.size ?? CHUNK_BYTES)
    let filling = Buffer.allocUnsafeSlow(length)
    let spare = length < CHUNK_BYTES ? filling : Buffer.allocUnsafeSlow(length)
    let offset = 0
    let writing: Promise<void> | undefined
    try {
      for (;;) {
        const read = await content.read(offset, CHUNK_BYTES)
        const chunk = filling.subarray(0, read.copy(filling))
        if (chunk.length > 0) {
          if (offset > 0) await this.#space.check(options.op, options.key)
          hash.update(chunk)
          await writing
          writing = this.#files.write(fd, chunk, offset)
          offset += chunk.length
          const filled = filling
          filling = spare
          spare = filled
        }
        source.release(offset)
        if (chunk.length < CHUNK_BYTES) break
      }
    } finally {
      // Also where reading failed: the descriptor is not closed under a write.
      await writing
    }
    throwIfAborted(options.signal, options.op, options.key)
    return hash.digest('hex')
  }
}

function checkSha256(found: string, { op, key, sha256 }: WriteOptions): void {
  if (sha256 === undefined || sha256 === found) return
  throw failure(
    'INVALID_ARGUMENT',
    op,
    key,
    `The content has the SHA-256 ${found}, and ${shown(sha256)} was declared.`,
  )
}

interface RunningSync {
  readonly current: Promise<void>
  /** Those who asked while it ran: their names may have come too late for it. */
  next?: Promise<void>
}

/** Syncs folders, one sync at a time for each, shared by all who wait for it. */
class FolderSync {
  readonly #files: Files
  readonly #running = new Map<string, RunningSync>()

  constructor(files: Files) {
    this.#files = files
  }

  sync(folder: string): Promise<void> {
    const running = this.#running.get(folder)
    // Behind a sync that failed nobody is served: it may have dropped their names too.
    if (running !== undefined) {
      running.next ??= running.current.then(() => this.#start(folder))
      return running.next
    }
    return this.#start(folder)
  }

  #start(folder: string): Promise<void> {
    const current = this.#files.fsyncFolder(folder)
    const running: RunningSync = { current }
    this.#running.set(folder, running)
    const ended = (): void => {
      if (this.#running.get(folder) === running && running.next === undefined) this.#running.delete(folder)
    }
    current.then(ended, () => this.#running.delete(folder))
    return current
  }
}

/** Ignores that a name is not there (any more). */
export async function ifThere(done: Promise<void>): Promise<boolean> {
  try {
    await done
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw error
  }
}
