import { gather, spent } from '../core/body.js'
import { throwIfAborted } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Body } from '../core/store.js'
import type { Copy, Fill } from './read-cache.js'

export interface CopyPart {
  readonly key: Key
  readonly start: number
  /** Excluded. */
  readonly end: number
  /** The first piece, which was found right. */
  readonly first: Buffer
  readonly signal: AbortSignal | undefined
  /** The rest of the part from this byte on, where a piece of the copy is found damaged. */
  readonly instead: (start: number) => Promise<Body>
}

/** The bytes of a copy, each piece checked before it is given out. A damaged one is asked of the primary. */
export class CopyBody implements Body {
  readonly #copy: Copy
  readonly #part: CopyPart
  #used = false
  /** Of the primary, once it has to help. */
  #rest: Body | undefined

  constructor(copy: Copy, part: CopyPart) {
    this.#copy = copy
    this.#part = part
  }

  bytes(maxBytes?: number): Promise<Buffer> {
    const { key, start, end } = this.#part
    return gather(this, { key, store: 'local' }, end - start, maxBytes)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    const { key, start, end, first, signal, instead } = this.#part
    if (this.#used) throw spent({ key, store: 'local' })
    this.#used = true
    const { pieceBytes } = this.#copy
    try {
      for (let at = start; at < end; ) {
        throwIfAborted(signal, 'get', key)
        const index = Math.floor(at / pieceBytes)
        const piece = at === start ? first : await this.#copy.piece(index)
        if (piece === undefined) {
          await this.#copy.close()
          this.#rest = await instead(at)
          yield* this.#rest
          return
        }
        const from = index * pieceBytes
        const bytes = piece.subarray(at - from, end - from)
        at += bytes.length
        yield bytes
      }
    } finally {
      await this.#copy.close()
    }
  }

  async close(): Promise<void> {
    this.#used = true
    await this.#copy.close()
    await this.#rest?.close()
  }
}

/** The bytes of the primary, of which a copy is kept if they are read to their end. */
export class FilledBody implements Body {
  readonly #inner: Body
  readonly #fill: Fill
  readonly #key: Key
  readonly #size: number

  constructor(inner: Body, fill: Fill, key: Key, size: number) {
    this.#inner = inner
    this.#fill = fill
    this.#key = key
    this.#size = size
  }

  async bytes(maxBytes?: number): Promise<Buffer> {
    if (this.#size > AT_ONCE_BYTES) {
      return gather(this, { key: this.#key, store: 'local' }, this.#size, maxBytes)
    }
    try {
      const bytes = await this.#inner.bytes(maxBytes)
      void this.#fill.add(bytes)
      void this.#fill.finish()
      return bytes
    } catch (error) {
      this.#fill.abandon()
      throw error
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    try {
      for await (const chunk of this.#inner) {
        const waiting = this.#fill.add(chunk)
        if (waiting !== undefined) await waiting
        yield chunk
      }
      // The end of the bytes came with the proof that they are right.
      void this.#fill.finish()
    } finally {
      this.#fill.abandon()
    }
  }

  async close(): Promise<void> {
    this.#fill.abandon()
    await this.#inner.close()
  }
}

/** What a fill takes without waiting for the disk. */
const AT_ONCE_BYTES = 4 * 1024 * 1024
