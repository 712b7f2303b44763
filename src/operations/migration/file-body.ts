import { type BigIntStats, closeSync, constants, fstatSync, open, read, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import { gather, spent } from '../../core/body.js'
import { StorageError, throwIfAborted } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Body, ListedObject } from '../../core/store.js'
import { storageError } from '../../stores/local/io-error.js'

const PIECE_BYTES = 4 * 1024 * 1024

// Files are descriptors here: what never waits for the disk is asked at once, without a turn through the thread pool,
// which costs more than the reading of a small file.
const openFile = promisify(open)
const readFile = promisify(read)

/** Opens a file to read it, if no link is in its place. */
export function openToRead(path: string): Promise<number> {
  // Whatever else may lie there, nobody is waited for.
  return openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

export function statOf(fd: number): BigIntStats {
  return fstatSync(fd, { bigint: true })
}

/** What tells one state of a file from another. */
export function etagOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size.toString(36)}-${mtimeNs.toString(36)}-${ino.toString(36)}`
}

/** The bytes of a file, which must be the same file when its end is reached. */
export class FileBody implements Body {
  readonly #fd: number
  readonly #name: Key
  readonly #listed: ListedObject
  readonly #first: Buffer
  readonly #signal: AbortSignal | undefined
  #used = false
  #closed = false
  /** Whether the file is being read: it is closed when that has ended. */
  #reading = false

  /** @param first what was read of it already, from its beginning */
  constructor(fd: number, name: Key, found: ListedObject, first: Buffer, signal: AbortSignal | undefined) {
    this.#fd = fd
    this.#name = name
    this.#listed = found
    this.#first = first
    this.#signal = signal
  }

  bytes(maxBytes?: number): Promise<Buffer> {
    return gather(this, { key: this.#name, store: 'local' }, this.#listed.size, maxBytes)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    if (this.#used) throw spent({ key: this.#name, store: 'local' })
    this.#used = true
    const { size, etag } = this.#listed
    try {
      for (let at = 0; at < size; ) {
        throwIfAborted(this.#signal, 'get', this.#name)
        const piece = at === 0 ? this.#first : await this.#read(at, Math.min(PIECE_BYTES, size - at))
        if (piece.length === 0) throw changed(this.#name)
        at += piece.length
        // Before the last piece is given out: whoever gets it all gets one state of the file.
        if (at >= size && etagOf(statOf(this.#fd)) !== etag) throw changed(this.#name)
        yield piece
      }
    } catch (error) {
      throw storageError(error, 'get', this.#name)
    } finally {
      await this.close()
    }
  }

  async #read(at: number, length: number): Promise<Buffer> {
    if (this.#closed) throw spent({ key: this.#name, store: 'local' })
    this.#reading = true
    try {
      return await readAt(this.#fd, at, length)
    } finally {
      this.#reading = false
      if (this.#closed) closeSync(this.#fd)
    }
  }

  async close(): Promise<void> {
    this.#used = true
    if (this.#closed) return
    this.#closed = true
    if (!this.#reading) closeSync(this.#fd)
  }
}

/** The bytes of an opened file from `at` on; fewer than `length` where it ends. */
export async function readAt(fd: number, at: number, length: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafeSlow(length)
  const { bytesRead } = await readFile(fd, piece, 0, length, at)
  return piece.subarray(0, bytesRead)
}

/** Under which path a file was opened, without any link (proc(5)); undefined where the system does not tell. */
export function pathOfOpen(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}

function changed(key: Key): StorageError {
  const message = 'The file was changed while it was read.'
  return new StorageError({ code: 'PRECONDITION_FAILED', op: 'get', key, store: 'local', message })
}
