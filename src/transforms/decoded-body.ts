import { gather, spent } from '../core/body.js'
import type { Original } from '../core/compression.js'
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

  bytes(maxBytes?: number): Promise<Buffer> {
    const length = this.#range === undefined ? this.#original.size : this.#range.end - this.#range.start + 1
    return gather(this, { key: this.#key }, length, maxBytes)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    if (this.#used) throw spent({ key: this.#key })
    this.#used = true
    const range = this.#range
    try {
      const end = range === undefined ? undefined : range.end + 1
      yield* decode(this.#inner, this.#original, { key: this.#key, start: range?.start, end })
    } catch (error) {
      // Bytes that were given up end in the middle.
      throw this.#closed ? spent({ key: this.#key }) : error
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
