import { createHash } from 'node:crypto'
import { StorageError } from '../core/errors.js'
import type { GivenBytes } from '../core/source.js'
import type { SpillFile } from '../core/spill-file.js'

/** What stays in memory: a part. */
const MEMORY_BYTES = 8 * 1024 * 1024

const EMPTY = Buffer.alloc(0)

/** Bytes that are gathered before their length is known: in memory up to a part, past it in a file. */
export class Packed implements GivenBytes {
  readonly #openSpill: () => Promise<SpillFile>
  readonly #hash = createHash('sha256')
  #chunks: Buffer[] = []
  #spill: SpillFile | undefined
  #size = 0
  #sha256 = ''
  #closed = false
  readonly #what: string

  /** @param what how errors name the bytes: what was compressed, or what came */
  constructor(openSpill: () => Promise<SpillFile>, what: 'was compressed' | 'came' = 'was compressed') {
    this.#openSpill = openSpill
    this.#what = what
  }

  get size(): number {
    return this.#size
  }

  /** @throws StorageError `NO_SPACE` where the disk is full, `INTERNAL` where it fails */
  async append(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk)
    if (this.#spill === undefined && this.#size + chunk.length <= MEMORY_BYTES) {
      this.#chunks.push(chunk)
      this.#size += chunk.length
      return
    }
    try {
      if (this.#spill === undefined) {
        this.#spill = await this.#openSpill()
        await this.#spill.write(Buffer.concat(this.#chunks), 0)
        this.#chunks = []
      }
      await this.#spill.write(chunk, this.#size)
    } catch (error) {
      throw this.#spillError(error)
    }
    this.#size += chunk.length
  }

  /** Says that all is there. */
  finish(): void {
    if (this.#spill === undefined) this.#chunks = [Buffer.concat(this.#chunks)]
    this.#sha256 = this.#hash.digest('hex')
  }

  /** Lower-case hex; once it is finished. */
  get sha256(): string {
    return this.#sha256
  }

  /** Once it is finished. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (this.#closed) throw this.#spillError(new Error('it was given up'))
    if (this.#spill === undefined) return (this.#chunks[0] ?? EMPTY).subarray(offset, offset + length)
    const bytes = await this.#spill.read(offset, length)
    if (bytes.length === length) return bytes
    throw this.#spillError(new Error('it is shorter than what was written to it'))
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    const spill = this.#spill
    this.#closed = true
    this.#spill = undefined
    this.#chunks = []
    await spill?.close()
  }

  #spillError(cause: unknown): StorageError {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const why = cause instanceof Error ? cause.message : String(cause)
    return new StorageError({
      code: code === 'ENOSPC' || code === 'EDQUOT' ? 'NO_SPACE' : 'INTERNAL',
      op: 'put',
      message: `What ${this.#what} cannot be kept until it is stored: ${why}`,
      cause,
    })
  }
}
