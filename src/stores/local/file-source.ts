import type { Source } from '../../core/source.js'
import type { Files } from './files.js'
import { damaged } from './tree.js'

/** An open file of the store as the source of a copy. The descriptor stays the caller's to close. */
export class FileSource implements Source {
  readonly size: number
  readonly #files: Files
  readonly #fd: number
  readonly #key: string

  constructor(files: Files, fd: number, size: number, key: string) {
    this.#files = files
    this.#fd = fd
    this.size = size
    this.#key = key
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)))
    const read = await this.#files.read(this.#fd, buffer, buffer.length, offset)
    if (read < buffer.length) throw damaged('copy', this.#key, `its file ends at byte ${offset + read}`)
    return buffer
  }

  release(): void {}

  async close(): Promise<void> {}
}
