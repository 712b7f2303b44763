import { Readable } from 'node:stream'
import type { Body } from '../core/store.js'
import type { FileStat, OpenedFile } from '../storage.js'
import { checkMaxBytes, checkOptions } from './arguments.js'

/** What an opened file consists of. */
export interface OpenedParts {
  readonly stat: FileStat
  readonly range?: OpenedFile['range'] | undefined
  /** Where given, the body has the stored bytes. */
  readonly encoding?: OpenedFile['encoding'] | undefined
  readonly body: Body
}

/** An object of a store as users hold it. */
export class StoredFile implements OpenedFile {
  readonly stat: FileStat
  readonly range?: NonNullable<OpenedFile['range']>
  readonly encoding?: NonNullable<OpenedFile['encoding']>
  readonly #body: Body

  constructor({ stat, range, encoding, body }: OpenedParts) {
    this.stat = stat
    if (encoding !== undefined) this.encoding = encoding
    if (range !== undefined) this.range = range
    this.#body = body
  }

  /** Unlike a generator's own, its `return` gives the body up also where nothing was read yet. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const body = this.#body
    const iterator = body[Symbol.asyncIterator]()
    return {
      next: () => iterator.next(),
      return: async () => {
        await body.close()
        return { done: true, value: undefined }
      },
    }
  }

  async bytes(options: { maxBytes?: number | undefined } = {}): Promise<Buffer> {
    checkOptions('get', options)
    checkMaxBytes('get', options.maxBytes)
    return this.#body.bytes(options.maxBytes)
  }

  nodeStream(): Readable {
    return Readable.from(this, { objectMode: false, highWaterMark: 256 * 1024 })
  }

  stream(): ReadableStream<Uint8Array> {
    const body = this.#body
    const iterator = body[Symbol.asyncIterator]()
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await iterator.next()
          if (done === true) controller.close()
          else controller.enqueue(value)
        },
        cancel: () => body.close(),
      },
      { highWaterMark: 0 },
    )
  }

  close(): Promise<void> {
    return this.#body.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
