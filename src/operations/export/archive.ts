import { createHash } from 'node:crypto'
import { createTarPacker } from 'modern-tar'

/** What an entry of an archive is made of. */
export interface EntryHead {
  readonly path: string
  /** Bytes that it will have: exactly these. */
  readonly size: number
  readonly modified: Date
}

const ZEROS = new Uint8Array(64 * 1024)
const NON_ASCII = /[^\x20-\x7e]/

/** A tar archive (POSIX.1-2001, "pax") that is written entry by entry, and read meanwhile. */
export class TarArchive {
  readonly #packer = createTarPacker()

  /** The archive's bytes, as long as they are taken: a reader that waits lets writers wait. */
  get bytes(): AsyncIterable<Uint8Array> {
    return this.#packer.readable
  }

  /** Begins an entry; the one before must have ended. */
  begin({ path, size, modified }: EntryHead): TarEntry {
    const stream = this.#packer.controller.add({
      name: path,
      size,
      mtime: modified,
      mode: 0o644,
      uid: 0,
      gid: 0,
      type: 'file',
      // The header itself holds ASCII for certain, and UTF-8 by luck.
      ...(NON_ASCII.test(path) && { pax: { path } }),
    })
    return new TarEntry(stream.getWriter(), size)
  }

  /** Says that there is nothing more. */
  finish(): void {
    this.#packer.controller.finalize()
  }

  /** Gives the archive up: its reader gets the error, and no end that it could take for a whole one. */
  fail(error: unknown): void {
    this.#packer.controller.error(error)
  }
}

/** An entry that is being written: whatever happens, it gets the bytes that its head has promised. */
export class TarEntry {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #hash = createHash('sha256')
  #size = 0
  #left: number

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>, size: number) {
    this.#writer = writer
    this.#left = size
    // The archive's own reader is told.
    writer.closed.catch(() => {})
  }

  /** Bytes that are still to come. */
  get left(): number {
    return this.#left
  }

  /** Writes bytes; what there is no room for is left out. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes)
    this.#size += bytes.length
    await this.#add(bytes)
  }

  /** Ends the entry, with zeros for what did not come. @returns how many bytes it was given, and their SHA-256 */
  async end(): Promise<{ size: number; sha256: string }> {
    while (this.#left > 0) await this.#add(ZEROS.subarray(0, this.#left))
    await this.#writer.close()
    return { size: this.#size, sha256: this.#hash.digest('hex') }
  }

  async #add(bytes: Uint8Array): Promise<void> {
    const fitting = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes
    if (fitting.length === 0) return
    this.#left -= fitting.length
    await this.#writer.write(fitting)
  }
}
