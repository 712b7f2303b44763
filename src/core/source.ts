import { type FileHandle, open } from 'node:fs/promises'
import { isReadable, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { abortError, StorageError, shown, throwIfAborted } from './errors.js'

/**
 * What can be uploaded. A bare string is refused: it could be text or a path, and guessing reads arbitrary
 * files. Give `Buffer.from(text)` or `{ path }`.
 */
export type Content =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Readable
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  /** A `file:` URL. */
  | URL
  | { readonly path: string }

/**
 * Bytes on their way in, possibly still arriving. Buffers, blobs and files can be read again from any offset;
 * a stream can be read from the lowest offset that was not released.
 */
export interface Source {
  /** Bytes in all, where that is known before the end is reached. */
  readonly size: number | undefined
  /** Whether released bytes can be read again; a stream's cannot. */
  readonly replayable?: boolean
  /**
   * The bytes from `offset` on: waits until `length` of them are there, and returns fewer only at the end
   * (none past it). The buffer may share memory with the content: it must not be written to.
   *
   * @throws StorageError `INVALID_ARGUMENT` if the content turns out shorter or longer than declared,
   *   `TOO_LARGE` over the limit, `ABORTED` if the content's own stream failed or the signal fired
   */
  read(offset: number, length: number): Promise<Buffer>
  /** Says that the bytes below `offset` have reached their destination; a stream forgets them. */
  release(offset: number): void
  /** Gives up the content: closes its file, destroys its stream. Safe to call twice. */
  close(): Promise<void>
}

/** What {@link openSource} takes beside the content. */
export interface SourceOptions {
  /** Bytes that the content must have. */
  readonly size?: number | undefined
  /** Bytes that the content may have. */
  readonly maxBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Called as bytes reach their destination. */
  readonly onProgress?: ((progress: { sentBytes: number; totalBytes?: number }) => void) | undefined
}

/**
 * Makes content readable.
 *
 * @throws StorageError `INVALID_ARGUMENT` if it is of no accepted type, names no regular file, or has another
 *   size than declared; `TOO_LARGE` if it has more than `maxBytes`
 */
export async function openSource(content: Content, options: SourceOptions = {}): Promise<Source> {
  checkLimit(options.size, 'size')
  checkLimit(options.maxBytes, 'maxBytes')
  if (options.onProgress !== undefined && typeof options.onProgress !== 'function') {
    throw invalid(`Invalid onProgress ${shown(options.onProgress)}; accepted: a function.`)
  }
  throwIfAborted(options.signal, 'put')
  if (content instanceof Uint8Array) {
    return new BytesSource(Buffer.from(content.buffer, content.byteOffset, content.byteLength), options)
  }
  if (content instanceof ArrayBuffer) return new BytesSource(Buffer.from(content), options)
  if (content instanceof Blob) return new BlobSource(content, options)
  if (content instanceof URL) return openFile(urlPath(content), options)
  if (typeof content === 'object' && content !== null) {
    if (content instanceof Readable || content instanceof ReadableStream || Symbol.asyncIterator in content) {
      return new StreamSource(content, options)
    }
    if ('path' in content && typeof content.path === 'string') return openFile(content.path, options)
  }
  const hint =
    typeof content === 'string'
      ? ' A string could be text or a path: give Buffer.from(text) or { path }.'
      : ''
  throw invalid(
    `Invalid content ${shown(content)}; accepted: a Uint8Array, ArrayBuffer, Blob, stream, async iterable of bytes, file: URL or { path }.${hint}`,
  )
}

/** Bytes that can be read from anywhere, as often as needed. */
export interface GivenBytes {
  readonly size: number
  read(offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** A source of bytes that are kept somewhere; closing it closes them. */
export function sourceOf(given: GivenBytes, options: SourceOptions = {}): Source {
  return new GivenSource(given, options)
}

/** The source's bytes from `offset` on, in pieces of `length` (the last may be shorter), each released once used. */
export async function* readChunks(
  source: Source,
  length: number,
  offset = 0,
): AsyncGenerator<Buffer, void, void> {
  for (;;) {
    const chunk = await source.read(offset, length)
    if (chunk.length === 0) return
    yield chunk
    offset += chunk.length
    source.release(offset)
    if (chunk.length < length) return
  }
}

/** Tells the caller how far the content has come; an error thrown by the callback ends the upload. */
function tellProgress(
  { onProgress }: SourceOptions,
  sentBytes: number,
  totalBytes: number | undefined,
): void {
  if (onProgress === undefined) return
  try {
    onProgress(totalBytes === undefined ? { sentBytes } : { sentBytes, totalBytes })
  } catch (cause) {
    throw aborted('The onProgress callback threw', cause)
  }
}

/** Checks a known size against what was declared and allowed. */
function checkSize(size: number, options: SourceOptions): void {
  if (options.size !== undefined && size !== options.size) throw wrongSize(size, options.size)
  if (options.maxBytes !== undefined && size > options.maxBytes) throw tooLarge(options.maxBytes)
}

abstract class KnownSource implements Source {
  readonly size: number
  readonly replayable = true
  readonly #options: SourceOptions

  constructor(size: number, options: SourceOptions) {
    checkSize(size, options)
    this.size = size
    this.#options = options
  }

  async read(offset: number, length: number): Promise<Buffer> {
    throwIfAborted(this.#options.signal, 'put')
    const end = Math.min(offset + length, this.size)
    if (offset >= end) return Buffer.alloc(0)
    try {
      return await this.slice(offset, end)
    } catch (error) {
      // The disk that fails here is the content's, not the store's.
      throw StorageError.is(error) ? error : aborted('The content cannot be read', error)
    }
  }

  release(offset: number): void {
    tellProgress(this.#options, offset, this.size)
  }

  async close(): Promise<void> {}

  protected abstract slice(start: number, end: number): Buffer | Promise<Buffer>
}

class BytesSource extends KnownSource {
  readonly #bytes: Buffer

  constructor(bytes: Buffer, options: SourceOptions) {
    super(bytes.length, options)
    this.#bytes = bytes
  }

  protected slice(start: number, end: number): Buffer {
    return start === 0 && end === this.size ? this.#bytes : this.#bytes.subarray(start, end)
  }
}

class GivenSource extends KnownSource {
  readonly #given: GivenBytes

  constructor(given: GivenBytes, options: SourceOptions) {
    super(given.size, options)
    this.#given = given
  }

  protected slice(start: number, end: number): Promise<Buffer> {
    return this.#given.read(start, end - start)
  }

  override close(): Promise<void> {
    return this.#given.close()
  }
}

class BlobSource extends KnownSource {
  readonly #blob: Blob

  constructor(blob: Blob, options: SourceOptions) {
    super(blob.size, options)
    this.#blob = blob
  }

  protected async slice(start: number, end: number): Promise<Buffer> {
    const bytes = await this.#blob.slice(start, end).arrayBuffer()
    if (bytes.byteLength !== end - start) throw wrongSize(start + bytes.byteLength, this.size)
    return Buffer.from(bytes)
  }
}

class FileSource extends KnownSource {
  readonly #file: FileHandle
  #closed: Promise<void> | undefined

  constructor(file: FileHandle, size: number, options: SourceOptions) {
    super(size, options)
    this.#file = file
  }

  protected async slice(start: number, end: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(end - start)
    let filled = 0
    while (filled < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, start + filled)
      // The file was cut while it was being read.
      if (bytesRead === 0) throw wrongSize(start + filled, this.size)
      filled += bytesRead
    }
    return buffer
  }

  override close(): Promise<void> {
    this.#closed ??= this.#file.close()
    return this.#closed
  }
}

async function openFile(path: string, options: SourceOptions): Promise<Source> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause
    throw invalid(`The content's file ${shown(path)} cannot be opened: ${code}.`, cause)
  }
  try {
    const stat = await file.stat()
    if (stat.isFile()) return new FileSource(file, stat.size, options)
    if (stat.isDirectory()) throw invalid(`The content ${shown(path)} is a folder, and a file is accepted.`)
    // A pipe or device has no size and no offsets: it is a stream.
    return new StreamSource(file.createReadStream(), options)
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Smaller pieces are gathered into blocks of this size, so that one-byte writes do not cost a buffer each. */
const BLOCK_BYTES = 64 * 1024
/** Once this much of a larger read is there, the rest is copied to its place as it comes: nothing is held twice. */
const LEAST_WHOLE_BYTES = 1024 * 1024
/** Not so for reads of everything, however long, which are gathered at the end. */
const MOST_WHOLE_BYTES = 64 * 1024 * 1024

/** A one-shot stream, remembered from the lowest offset that was not released. */
class StreamSource implements Source {
  readonly size: number | undefined
  readonly #options: SourceOptions
  readonly #content: Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
  readonly #next: () => Promise<IteratorResult<unknown, unknown>>
  readonly #stop: () => Promise<void>
  readonly #chunks: Buffer[] = []
  /** Offset of the first remembered byte, and of the first that has not arrived. */
  #low = 0
  #high = 0
  /** The block that small pieces are copied into; it is the last chunk while it has room. */
  #block: Buffer | undefined
  #blockUsed = 0
  #ended = false
  #failure: StorageError | undefined
  #pulling: Promise<void> | undefined

  constructor(
    content: Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
    options: SourceOptions,
  ) {
    if (options.size !== undefined && options.maxBytes !== undefined && options.size > options.maxBytes) {
      throw tooLarge(options.maxBytes)
    }
    refuseSpent(content)
    this.size = options.size
    this.#options = options
    this.#content = content
    if (content instanceof Readable) {
      // Heard from now on: before the first read nobody else listens, and Node ends the process for an error that
      // nobody hears. Whoever reads gets it all the same.
      content.on('error', () => {})
    }
    if (content instanceof ReadableStream) {
      const reader = content.getReader()
      this.#next = () => reader.read() as Promise<IteratorResult<unknown, unknown>>
      this.#stop = () => reader.cancel()
    } else {
      const iterator: AsyncIterator<unknown> = content[Symbol.asyncIterator]()
      this.#next = () => iterator.next()
      // Not awaited: a generator answers return() only after the next() it may be stuck in.
      this.#stop = async () => {
        iterator.return?.().catch(() => {})
      }
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    if (offset < this.#low) {
      throw new StorageError({
        code: 'INTERNAL',
        op: 'put',
        message: `The content's bytes from ${offset} on were already released (up to ${this.#low}).`,
      })
    }
    // The end is seen before the last declared byte is handed out, so that content of another length is never taken.
    const target = this.size !== undefined && offset + length >= this.size ? this.size + 1 : offset + length
    const wanted = this.size === undefined ? length : Math.min(length, this.size - offset)
    let whole = wanted <= LEAST_WHOLE_BYTES || wanted > MOST_WHOLE_BYTES
    while (this.#high < target && !this.#ended) {
      if (this.#failure !== undefined) throw this.#failure
      if (!whole && this.#high - offset >= LEAST_WHOLE_BYTES) {
        whole = true
        this.#makeWhole(offset, wanted)
      }
      this.#pulling ??= this.#pull().finally(() => {
        this.#pulling = undefined
      })
      await this.#pulling
    }
    if (this.#failure !== undefined) throw this.#failure
    throwIfAborted(this.#options.signal, 'put')
    return this.#gather(offset, Math.min(offset + length, this.#high))
  }

  release(offset: number): void {
    let first = this.#chunks[0]
    while (first !== undefined && this.#low + first.length <= offset) {
      this.#low += first.length
      this.#chunks.shift()
      first = this.#chunks[0]
    }
    if (first !== undefined && this.#low < offset) {
      this.#chunks[0] = first.subarray(offset - this.#low)
      this.#low = offset
    }
    tellProgress(this.#options, offset, this.size)
  }

  async close(): Promise<void> {
    if (this.#content instanceof Readable) {
      this.#content.destroy()
    } else if (!this.#ended) {
      await this.#stop().catch(() => {})
    }
    this.#failure ??= new StorageError({ code: 'ABORTED', op: 'put', message: 'The content was closed.' })
    this.#chunks.length = 0
  }

  async #pull(): Promise<void> {
    try {
      const result = await this.#nextOrAbort()
      if (result.done === true) {
        if (this.size !== undefined && this.#high !== this.size) throw wrongSize(this.#high, this.size)
        this.#ended = true
      } else {
        this.#add(result.value)
      }
    } catch (error) {
      this.#failure ??= StorageError.is(error) ? error : aborted("The content's stream failed", error)
    }
  }

  /** The next piece, or the signal's error: a stalled stream does not hold up an abort. */
  #nextOrAbort(): Promise<IteratorResult<unknown, unknown>> {
    const signal = this.#options.signal
    if (signal === undefined) return this.#next()
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(abortError(signal, 'put'))
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      this.#next()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', onAbort))
    })
  }

  #add(value: unknown): void {
    if (!(value instanceof Uint8Array)) {
      throw invalid(
        `The content's stream yields ${shown(value)}; accepted: Uint8Array (no encoding set, no object mode).`,
      )
    }
    if (value.length === 0) return
    this.#high += value.length
    if (this.size !== undefined && this.#high > this.size) throw wrongSize(this.#high, this.size)
    const { maxBytes } = this.#options
    if (maxBytes !== undefined && this.#high > maxBytes) throw tooLarge(maxBytes)
    const inBlock = this.#block !== undefined && this.#chunks.length > 0
    const room = inBlock ? (this.#block as Buffer).length - this.#blockUsed : 0
    if (room > 0) this.#append(value.subarray(0, room))
    const rest = value.subarray(room)
    if (rest.length === 0) return
    if (rest.length >= BLOCK_BYTES / 4) {
      this.#block = undefined
      this.#chunks.push(Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength))
    } else {
      this.#begin(Buffer.allocUnsafeSlow(BLOCK_BYTES))
      this.#append(rest)
    }
  }

  /** Makes a block the one that pieces are copied into. */
  #begin(block: Buffer): void {
    this.#block = block
    this.#blockUsed = 0
    this.#chunks.push(block.subarray(0, 0))
  }

  /** Copies a piece behind the last chunk, which lies in the block and grows by it. */
  #append(piece: Uint8Array): void {
    const block = this.#block as Buffer
    const last = this.#chunks[this.#chunks.length - 1] as Buffer
    const start = this.#blockUsed - last.length
    block.set(piece, this.#blockUsed)
    this.#blockUsed += piece.length
    this.#chunks[this.#chunks.length - 1] = block.subarray(start, this.#blockUsed)
  }

  /** Moves what is there of a large read into a block that holds all of it: the rest comes to lie behind it. */
  #makeWhole(offset: number, length: number): void {
    let kept = 0
    let at = this.#low
    for (let chunk = this.#chunks[0]; chunk !== undefined && at + chunk.length <= offset; ) {
      at += chunk.length
      chunk = this.#chunks[++kept]
    }
    const moved = this.#chunks.splice(kept)
    const before = offset - at
    if (before > 0 && moved[0] !== undefined) {
      this.#chunks.push(moved[0].subarray(0, before))
      moved[0] = moved[0].subarray(before)
    }
    this.#begin(Buffer.allocUnsafeSlow(length))
    for (const chunk of moved) this.#append(chunk)
  }

  /** The bytes in one buffer, which is also what is remembered of them from now on: they are not held twice. */
  #gather(start: number, end: number): Buffer {
    if (start >= end) return Buffer.alloc(0)
    const lengthOf = (index: number): number => (this.#chunks[index] as Buffer).length
    let first = 0
    let offset = this.#low
    while (offset + lengthOf(first) <= start) offset += lengthOf(first++)
    let next = first
    let reach = offset
    while (reach < end) reach += lengthOf(next++)
    const before = start - offset
    const after = reach - end
    const taken = this.#chunks.slice(first, next)
    const head = taken[0] as Buffer
    if (taken.length === 1) {
      return before + after === 0 ? head : head.subarray(before, head.length - after)
    }
    const tail = taken[taken.length - 1] as Buffer
    taken[0] = head.subarray(before)
    taken[taken.length - 1] = tail.subarray(0, tail.length - after)
    const whole = Buffer.concat(taken, end - start)
    const kept = [head.subarray(0, before), whole, tail.subarray(tail.length - after)]
    this.#chunks.splice(first, taken.length, ...kept.filter(chunk => chunk.length > 0))
    // Small pieces go on in a block of their own: the last one may be part of what was gathered.
    this.#block = undefined
    return whole
  }
}

/** Refuses a stream that somebody has read to its end: what is left of it would be stored as an empty object. */
function refuseSpent(content: Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): void {
  if (content instanceof ReadableStream) {
    if (content.locked) throw invalid('The content is a stream that is locked to another reader.')
    // Node answers for web streams too; its types do not say so.
    const stream = content as unknown as NodeJS.ReadableStream
    if (!Readable.isDisturbed(stream) || isReadable(stream)) return
  } else if (!(content instanceof Readable) || !content.readableEnded) return
  throw invalid('The content is a stream that has been read to its end already; a stream is read once.')
}

function urlPath(url: URL): string {
  if (url.protocol !== 'file:')
    throw invalid(`Invalid content URL of protocol ${shown(url.protocol)}; accepted: "file:".`)
  return fileURLToPath(url)
}

function checkLimit(value: unknown, name: string): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)) return
  throw invalid(`Invalid ${name} ${shown(value)}; accepted: a whole number of bytes from 0 up.`)
}

function wrongSize(got: number, declared: number): StorageError {
  const how = got < declared ? `ended after ${got} bytes` : `has at least ${got} bytes`
  return invalid(`The content ${how}, and ${declared} were declared.`)
}

function tooLarge(maxBytes: number): StorageError {
  return new StorageError({
    code: 'TOO_LARGE',
    op: 'put',
    message: `The content has more than the ${maxBytes} bytes allowed.`,
  })
}

function aborted(what: string, cause: unknown): StorageError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new StorageError({ code: 'ABORTED', op: 'put', message: `${what}: ${why}`, cause })
}

function invalid(message: string, cause?: unknown): StorageError {
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'put', message, cause })
}
