import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Key } from '../core/key.js'
import type { Source } from '../core/source.js'
import { openSpillFile, type SpillFile } from '../core/spill-file.js'
import { nextTurn } from '../core/turn.js'
import { ifThere } from '../stores/local/bytes.js'
import { systemCode } from '../stores/local/files.js'
import { storageError } from '../stores/local/io-error.js'
import type { Root } from '../stores/local/root.js'
import { HELD } from './journal.js'
import { Removals } from './removals.js'
import {
  type Held,
  heldFile,
  rotten,
  type SpoolBytes,
  type Spooled,
  type SpooledFile,
  type SpoolWriteOptions,
} from './spool-bytes.js'

/** Files that go to one folder before the next is begun: few folders to sync, and none that grows large. */
const FILES_PER_FOLDER = 4096

/**
 * The spool: files, `.holdfast/objects/<xx>/<write id>`, each durable before anybody relies on it, and small content
 * in the ledger, which saves it two syncs of three.
 */
export class DiskSpool implements SpoolBytes {
  readonly #root: Root
  readonly #removals: Removals
  #folder = randomBytes(1).toString('hex')
  #written = 0
  readonly #made = new Map<string, Promise<void>>()

  constructor(root: Root) {
    this.#root = root
    this.#removals = new Removals(root)
  }

  async write(id: string, source: Source, options: SpoolWriteOptions): Promise<Spooled> {
    const { key } = options
    try {
      const folder = this.#nextFolder()
      await this.#make(folder)
      return await this.#writeTo(folder, id, source, options).catch(error => {
        // A write that comes again, under the same id, may find its earlier file; nothing was read then.
        if (systemCode(error) !== 'EEXIST') throw error
        return this.#writeTo(folder, `${id}.${randomBytes(6).toString('hex')}`, source, options)
      })
    } catch (error) {
      this.#root.diskFailed(error)
      throw storageError(error, 'put', key)
    }
  }

  async hold(source: Source, options: SpoolWriteOptions): Promise<Held | undefined> {
    try {
      const small = await this.#root.bytes.readSmall(source, { ...options, op: 'put' })
      return small && { ...small, file: heldName(), size: small.content.length }
    } catch (error) {
      this.#root.diskFailed(error)
      throw storageError(error, 'put', options.key)
    }
  }

  async #writeTo(folder: string, name: string, source: Source, options: SpoolWriteOptions): Promise<Spooled> {
    const done = await this.#root.bytes.write(this.filePath(folder), name, source, { ...options, op: 'put' })
    return { file: `${folder}/${name}`, size: done.identity.size, sha256: done.sha256 }
  }

  async open(file: string, key: Key): Promise<SpooledFile> {
    const { files, ledger } = this.#root
    if (file.startsWith(HELD)) {
      const turn = nextTurn()
      if (turn !== undefined) await turn
      return heldFile(ledger.bytesOf(file))
    }
    let fd: number
    try {
      fd = await files.openToRead(this.filePath(file))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw rotten(key, 'is missing', error)
      this.#root.diskFailed(error)
      throw storageError(error, 'get', key)
    }
    try {
      const { size } = await files.fstat(fd)
      return new OpenSpooledFile(this.#root, fd, size, key)
    } catch (error) {
      await files.close(fd)
      throw storageError(error, 'get', key)
    }
  }

  async remove(file: string): Promise<void> {
    if (file.startsWith(HELD)) return
    await ifThere(this.#root.files.unlink(this.filePath(file)))
    this.#removals.gone(file)
  }

  pathOf(file: string): string | undefined {
    return file.startsWith(HELD) ? undefined : this.filePath(file)
  }

  /** Where a file lies that is known to be one. */
  filePath(name: string): string {
    return join(this.#root.ownPath, 'objects', name)
  }

  #nextFolder(): string {
    if (this.#written++ % FILES_PER_FOLDER === FILES_PER_FOLDER - 1)
      this.#folder = randomBytes(1).toString('hex')
    return this.#folder
  }

  /** Makes a folder whose own name is durable, and marks it as one that this process writes into. */
  #make(folder: string): Promise<void> {
    let making = this.#made.get(folder)
    if (making === undefined) {
      making = this.#makeNow(folder).catch(error => {
        this.#made.delete(folder)
        throw error
      })
      this.#made.set(folder, making)
    }
    return making
  }

  async #makeNow(folder: string): Promise<void> {
    const { files, bytes, ownPath, claims } = this.#root
    await claims.claim(folder)
    await files.mkdir(this.filePath(folder)).catch(error => {
      if (systemCode(error) !== 'EEXIST') throw error
    })
    await bytes.syncFolder(join(ownPath, 'objects'))
  }
}

/** Names that follow one another lie together in the ledger, and so are cheaper to remove together. */
function heldName(): string {
  return `${HELD}${Date.now().toString(36)}-${randomUUID()}`
}

class OpenSpooledFile implements SpooledFile {
  readonly size: number
  readonly #root: Root
  readonly #fd: number
  readonly #key: Key
  #closed: Promise<void> | undefined
  #reading = 0
  /** Called when no read is under way, where that is waited for. */
  #onIdle: (() => void) | undefined

  constructor(root: Root, fd: number, size: number, key: Key) {
    this.#root = root
    this.#fd = fd
    this.size = size
    this.#key = key
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.size - offset)))
    if (this.#closed !== undefined) throw rotten(this.#key, 'was closed while it was read')
    this.#reading++
    try {
      const read = await this.#root.files.read(this.#fd, buffer, buffer.length, offset)
      return buffer.subarray(0, read)
    } catch (error) {
      this.#root.diskFailed(error)
      throw storageError(error, 'get', this.#key)
    } finally {
      if (--this.#reading === 0) this.#onIdle?.()
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    // A descriptor is not closed under a read: its number may be another file's by then.
    if (this.#reading > 0) {
      await new Promise<void>(resolve => {
        this.#onIdle = resolve
      })
    }
    await this.#root.files.close(this.#fd)
  }
}

/** A file for the bytes of a stream that is being sent: without a name where the system allows that. */
export function openSpill(root: Root): Promise<SpillFile> {
  return openSpillFile(root.tmpPath)
}
