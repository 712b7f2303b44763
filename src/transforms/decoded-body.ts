import type { Original } from '../core/compression.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { ResolvedRange } from '../core/range.js'
import type { Body } from '../core/store.js'
import { decode } from './decode.js'

/** The original's bytes, or a part of them, out of an object's compressed ones. A part is decoded from the start. */
export class DecodedBody implements Body {
  readonly #inner: Body
  readonly #original: Original
  readonly #key: Key
  readonly #range: ResolvedRange | undefined
  #used = false
  #closed = false

  constructor(inner: Body, original: Original, key: Key, range: ResolvedRange | undefined) {
    this.#inner = inner
    this.#original = original
    this.#key = key
    this.#range = range
  }

  async bytes(maxBytes?: number): Promise<Buffer> {
    const length = this.#range === undefined ? this.#original.size : this.#range.end - this.#range.start + 1
    if (maxBytes !== undefined && length > maxBytes) {
      await this.close()
      throw new StorageError({
        code: 'TOO_LARGE',
        op: 'get',
        key: this.#key,
        message: `There are ${length} bytes to read, and ${maxBytes} are allowed.`,
      })
    }
    const pieces: Buffer[] = []
    for await (const piece of this) pieces.push(piece)
    const [only] = pieces
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    if (this.#used) throw spent(this.#key)
    this.#used = true
    const range = this.#range
    try {
      const end = range === undefined ? undefined : range.end + 1
      yield* decode(this.#inner, this.#original, { key: this.#key, start: range?.start, end })
    } catch (error) {
      // Bytes that were given up end in the middle.
      throw this.#closed ? spent(this.#key) : error
    } finally {
      await this.#inner.close()
    }
  }

  async close(): Promise<void> {
    this.#used = true
    this.#closed = true
    await this.#inner.close()
  }
}

function spent(key: Key): StorageError {
  return new StorageError({
    code: 'INVALID_ARGUMENT',
    op: 'get',
    key,
    message: 'The body was read or closed before; it is read once.',
  })
}
