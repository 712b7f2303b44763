import { Readable } from 'node:stream'
import type { OpenObject } from '../core/store.js'
import type { FileStat, OpenedFile } from '../storage.js'
import { checkMaxBytes, checkOptions } from './arguments.js'
import { fileStat } from './results.js'

/** An object of a store as users hold it. */
export class StoredFile implements OpenedFile {
  readonly stat: FileStat
  readonly range?: NonNullable<OpenedFile['range']>
  readonly encoding?: NonNullable<OpenedFile['encoding']>
  readonly #body: OpenObject['body']

  /** @param object its body the stored bytes, where `encoding` is given */
  constructor(object: OpenObject, encoding?: OpenedFile['encoding']) {
    this.stat = fileStat(object.stat)
    if (encoding !== undefined) this.encoding = encoding
    if (object.range !== undefined) this.range = object.range
    this.#body = object.body
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
