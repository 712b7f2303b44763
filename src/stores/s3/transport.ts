import { type Dispatcher, Pool } from 'undici'
import { AnswerHeaders } from './answer-headers.js'

/** How long each step of a request may take, in milliseconds. */
export interface Deadlines {
  /** To connect, name look-up and TLS included. */
  readonly connectMs: number
  /** From the last byte sent to the first byte of the answer. */
  readonly firstByteMs: number
  /** Between two pieces of a request or an answer; a trickle counts as a pause. */
  readonly idleMs: number
  /** For an operation that moves no unbounded body, its retries included. */
  readonly totalMs: number
  /** For what the server may have to work on: completing a multipart upload, copying. */
  readonly completeMs: number
}

/** What is used where nothing else is configured. */
export const DEFAULT_DEADLINES: Deadlines = {
  connectMs: 3_000,
  firstByteMs: 10_000,
  idleMs: 15_000,
  totalMs: 30_000,
  completeMs: 300_000,
}

export interface TransportOptions {
  /** Scheme, host and port. */
  readonly origin: string
  /** At once; further requests wait. */
  readonly connections: number
  readonly deadlines: Deadlines
}

/** One HTTP request, signed. */
export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** With the query; percent-encoded. */
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body?: Buffer | undefined
  readonly signal?: AbortSignal | undefined
  /** Instead of the configured one. */
  readonly firstByteMs?: number | undefined
  /** Milliseconds this request may take as a whole; an opened body is not counted. */
  readonly totalMs: number
  /** The longest answer that is read; more of a success fails, more of an error is dropped. */
  readonly maxAnswerBytes: number
}

/** A whole answer. */
export interface Answer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Buffer
}

/** An answer whose body is still arriving. */
export interface OpenAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: AnswerBody
}

/** The body of an {@link OpenAnswer}. A piece that was not asked for waits in a bounded buffer. */
export interface AnswerBody {
  /** The next piece; undefined at the end. @throws TransportError */
  next(): Promise<Buffer | undefined>
  /** All that was not read, of which `size` bytes are expected; more fails. @throws TransportError */
  rest(size: number): Promise<Buffer>
  /** Gives up what was not read: little is drained so that the connection can be used again, much is cut off. */
  discard(): void
}

/** What kept a request from an answer. */
export type TransportProblem = 'connect' | 'reset' | 'timeout' | 'protocol' | 'aborted' | 'closed'

/** A request that got no whole answer. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly problem: TransportProblem
  /** Whether the last byte of the request had been given to the socket: then the server may have acted on it. */
  readonly sent: boolean

  constructor(problem: TransportProblem, sent: boolean, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.problem = problem
    this.sent = sent
  }
}

/** Bodies from this size on are sent in slices, so that a stalled connection shows. */
const SLICE_BYTES = 128 * 1024
/** Pieces of an answer that wait for their reader. */
const BUFFERED_BYTES = 512 * 1024
/** What is left of an answer is read to its end, for the connection's sake, if it is no more than this. */
const DRAIN_BYTES = 64 * 1024
/** Fewer bytes than this in an idle deadline are no progress. */
const TRICKLE_BYTES = 1024
/** The longest error document that is kept. */
const MAX_ERROR_BYTES = 64 * 1024
/** A body may lie in buffers of the network when its last byte is sent: time for up to 2 MiB at this rate. */
const SLOWEST_BYTES_PER_MS = 256
const NETWORK_BUFFER_BYTES = 2 * 1024 * 1024
/** How long a close waits for requests under way. */
const CLOSE_MS = 5_000
const NO_BYTES = Buffer.alloc(0)

/**
 * Sends requests to one origin over kept connections. It follows no redirect and repeats no request. Every
 * request ends by a deadline.
 */
export class Transport {
  readonly #pool: Pool
  readonly #deadlines: Deadlines
  #closing: Promise<void> | undefined

  constructor(options: TransportOptions) {
    this.#deadlines = options.deadlines
    this.#pool = new Pool(options.origin, {
      connections: options.connections,
      pipelining: 1,
      // Deadlines are kept here, where sending, waiting and a paused reader are told apart.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 10_000,
      maxHeaderSize: 64 * 1024,
      connect: { timeout: options.deadlines.connectMs },
    })
  }

  /** The whole answer, whatever its status. @throws TransportError */
  send(request: WireRequest): Promise<Answer> {
    return new Exchange(this.#pool, request, this.#deadlines, false).answer as Promise<Answer>
  }

  /** As {@link send}, but the body of a success is left to be read. @throws TransportError */
  open(request: WireRequest): Promise<Answer | OpenAnswer> {
    return new Exchange(this.#pool, request, this.#deadlines, true).answer
  }

  /** Waits a little for requests under way, then cuts every connection. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const waited = new Promise<void>(resolve => {
      timer = setTimeout(resolve, CLOSE_MS)
    })
    await Promise.race([this.#pool.close(), waited])
    clearTimeout(timer)
    if (!this.#pool.destroyed) await this.#pool.destroy()
  }
}

type Phase = 'queued' | 'sending' | 'waiting' | 'receiving' | 'ended'

/** One request and its answer: undici's handler, the deadlines, and the reader's side of the body. */
class Exchange implements Dispatcher.DispatchHandler, AnswerBody {
  readonly answer: Promise<Answer | OpenAnswer>
  readonly #request: WireRequest
  readonly #deadlines: Deadlines
  readonly #streamed: boolean
  #resolve: (answer: Answer | OpenAnswer) => void = ignore
  #reject: (error: Error) => void = ignore
  #abort: ((error?: Error) => void) | undefined
  #resume: (() => void) | undefined
  #phase: Phase = 'queued'
  #failure: TransportError | undefined
  /** Every byte of the request was given to the socket. */
  #sent = false

  /** When the phase began or last made progress; when the request must have its answer; when the timer fires. */
  #mark: number
  readonly #answerBy: number
  #firesAt = 0
  #timer: NodeJS.Timeout | undefined

  #status = 0
  #headers: AnswerHeaders | undefined
  /** Set once the head of a streamed answer was handed out: from then on its reader gets every failure. */
  #opened = false
  readonly #pieces: Buffer[] = []
  #buffered = 0
  #received = 0
  #windowBytes = 0
  #paused = false
  #wake: (() => void) | undefined
  /** Where {@link rest} gathers, and how much of it is filled. */
  #target: Buffer | undefined
  #filled = 0
  #discarding = false

  constructor(pool: Pool, request: WireRequest, deadlines: Deadlines, streamed: boolean) {
    this.#request = request
    this.#deadlines = deadlines
    this.#streamed = streamed
    this.#mark = performance.now()
    this.#answerBy = this.#mark + request.totalMs
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { signal, body } = request
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#fail('aborted', 'The request was aborted.')
        return
      }
      signal.addEventListener('abort', this)
    }
    this.#arm(Math.min(request.totalMs, deadlines.firstByteMs))
    const sliced = body !== undefined && body.length > SLICE_BYTES
    if (sliced) request.headers.push('content-length', String(body.length))
    pool.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: request.headers,
        body: sliced ? (slices(body) as unknown as Buffer) : (body ?? null),
        // Without this, undici closes the connection after every HEAD.
        reset: false,
        idempotent: true,
      },
      this,
    )
  }

  /** The signal's abort event. */
  handleEvent(): void {
    this.#fail('aborted', 'The request was aborted.')
  }

  onConnect(abort: (error?: Error) => void): void {
    // Thrown here, it drops the request and leaves the connection as it is.
    if (this.#failure !== undefined) throw this.#failure
    this.#abort = abort
    this.#enter('sending')
  }

  onBodySent(): void {
    this.#mark = performance.now()
  }

  onRequestSent(): void {
    this.#sent = true
    if (this.#phase === 'sending') this.#enter('waiting')
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (status < 200) return true
    this.#status = status
    this.#headers = new AnswerHeaders(raw)
    this.#resume = resume
    this.#enter('receiving')
    if (this.#streamed && (status === 200 || status === 206)) {
      this.#opened = true
      this.#resolve({ status, headers: this.#headers, body: this })
    }
    return true
  }

  onData(chunk: Buffer): boolean {
    this.#received += chunk.length
    this.#windowBytes += chunk.length
    if (this.#discarding) return true
    if (this.#opened) return this.#keep(chunk)
    const error = this.#status >= 300
    if (this.#received > (error ? MAX_ERROR_BYTES : this.#request.maxAnswerBytes)) {
      if (error) this.#endEarly()
      else this.#fail('protocol', `The answer is longer than ${this.#request.maxAnswerBytes} bytes.`)
      return true
    }
    this.#pieces.push(chunk)
    return true
  }

  onComplete(): void {
    this.#end()
    if (!this.#opened) this.#answerWhole()
  }

  onError(error: Error): void {
    this.#failWith(translate(error, this.#phase === 'queued', this.#sent))
  }

  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) {
        this.#buffered -= piece.length
        if (this.#paused && this.#buffered === 0) this.#unpause()
        return piece
      }
      if (this.#failure !== undefined) throw this.#failure
      if (this.#phase === 'ended') return undefined
      await this.#change()
    }
  }

  async rest(size: number): Promise<Buffer> {
    const [only] = this.#pieces
    if (this.#phase === 'ended' && this.#failure === undefined && this.#pieces.length <= 1) {
      this.#pieces.length = 0
      return only ?? NO_BYTES
    }
    this.#target = Buffer.allocUnsafe(size)
    for (const piece of this.#pieces.splice(0)) this.#fill(piece)
    if (this.#paused) this.#unpause()
    while (this.#phase !== 'ended') await this.#change()
    if (this.#failure !== undefined) throw this.#failure
    return this.#target.subarray(0, this.#filled)
  }

  discard(): void {
    this.#pieces.length = 0
    if (this.#phase === 'ended') return
    this.#discarding = true
    const length = this.#headers?.contentLength() ?? Number.POSITIVE_INFINITY
    if (length - this.#received > DRAIN_BYTES) this.#cut()
    else if (this.#paused) this.#unpause()
  }

  /** Holds a piece for the reader. @returns false to stop the server for now */
  #keep(chunk: Buffer): boolean {
    if (this.#target !== undefined) this.#fill(chunk)
    else {
      this.#pieces.push(chunk)
      this.#buffered += chunk.length
      this.#paused = this.#buffered >= BUFFERED_BYTES
    }
    this.#notify()
    return !this.#paused
  }

  #fill(chunk: Buffer): void {
    const target = this.#target as Buffer
    if (this.#filled + chunk.length > target.length) {
      this.#fail('protocol', `The body is longer than the ${target.length} bytes announced.`)
      return
    }
    target.set(chunk, this.#filled)
    this.#filled += chunk.length
  }

  #unpause(): void {
    this.#paused = false
    this.#mark = performance.now()
    this.#windowBytes = 0
    this.#resume?.()
  }

  #change(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #answerWhole(): void {
    const [only] = this.#pieces
    const body = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces)
    this.#resolve({ status: this.#status, headers: this.#headers as AnswerHeaders, body })
  }

  /** Takes what came of an overlong error document for the whole of it. */
  #endEarly(): void {
    this.#end()
    this.#answerWhole()
    this.#abort?.()
  }

  /** Ends an answer nobody wants any more by cutting its connection. */
  #cut(): void {
    this.#fail('aborted', 'The rest of the body was given up.')
  }

  #end(): void {
    this.#phase = 'ended'
    clearTimeout(this.#timer)
    this.#request.signal?.removeEventListener('abort', this)
    this.#notify()
  }

  #fail(problem: TransportProblem, message: string): void {
    this.#failWith(new TransportError(problem, this.#sent, message))
  }

  #failWith(error: TransportError): void {
    if (this.#phase === 'ended') return
    this.#failure = error
    this.#end()
    if (!this.#opened) this.#reject(error)
    this.#abort?.(error)
  }

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#mark = performance.now()
    this.#windowBytes = 0
    // The timer is only moved where it would fire too late: most requests end before it ever does.
    if (this.#limit() < this.#firesAt - 250) this.#arm(this.#limit() - this.#mark)
  }

  /** When the phase must have ended. */
  #limit(): number {
    switch (this.#phase) {
      case 'sending':
        return Math.min(this.#mark + this.#deadlines.idleMs, this.#answerBy)
      case 'waiting':
        return Math.min(this.#mark + this.#firstByteMs(), this.#answerBy)
      case 'receiving':
        return this.#opened
          ? this.#mark + this.#deadlines.idleMs
          : Math.min(this.#mark + this.#deadlines.idleMs, this.#answerBy)
      default:
        return this.#answerBy
    }
  }

  #firstByteMs(): number {
    const inNetwork = Math.min(this.#request.body?.length ?? 0, NETWORK_BUFFER_BYTES)
    return (this.#request.firstByteMs ?? this.#deadlines.firstByteMs) + inNetwork / SLOWEST_BYTES_PER_MS
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer)
    this.#firesAt = performance.now() + ms
    this.#timer = setTimeout(onTimer, Math.max(1, Math.ceil(ms)), this)
  }

  /**
   * Looks whether the phase has passed its limit, and else sleeps on. Where this process was busy itself, an answer
   * may lie unread: the network is looked at once more before a request is given up.
   */
  checkDeadline(last: boolean): void {
    if (this.#phase === 'ended') return
    const now = performance.now()
    if (this.#phase === 'receiving') this.#checkTrickle(now)
    const limit = this.#limit()
    if (now >= limit - 1 && !last) {
      setImmediate(onLastLook, this)
      return
    }
    if (now >= limit - 1) {
      const passed = now >= this.#answerBy - 1 && !this.#opened ? 'total' : this.#phase
      this.#fail('timeout', deadlineText(passed, this.#deadlines, this.#request))
      return
    }
    this.#arm(limit - now)
  }

  /** A paused reader stops the clock, and enough bytes since the last look start it again. */
  #checkTrickle(now: number): void {
    if (!this.#paused && this.#windowBytes < TRICKLE_BYTES) return
    this.#mark = now
    this.#windowBytes = 0
  }
}

function ignore(): void {}

function onTimer(exchange: Exchange): void {
  exchange.checkDeadline(false)
}

function onLastLook(exchange: Exchange): void {
  // An immediate runs right after the network was polled; the next one, after what that brought was worked on.
  setImmediate(onGiveUp, exchange)
}

function onGiveUp(exchange: Exchange): void {
  exchange.checkDeadline(true)
}

function deadlineText(passed: Phase | 'total', deadlines: Deadlines, request: WireRequest): string {
  switch (passed) {
    case 'sending':
      return `The server took no byte of the request for ${deadlines.idleMs} ms.`
    case 'waiting':
      return `The server began no answer within ${request.firstByteMs ?? deadlines.firstByteMs} ms.`
    case 'receiving':
      return `The answer stood still for ${deadlines.idleMs} ms.`
    default:
      return `The request got no answer within ${Math.round(request.totalMs)} ms.`
  }
}

function* slices(body: Buffer): Generator<Buffer, void, void> {
  for (let offset = 0; offset < body.length; offset += SLICE_BYTES) {
    yield body.subarray(offset, offset + SLICE_BYTES)
  }
}

/** What an error of undici or of the network means. */
function translate(error: Error, queued: boolean, sent: boolean): TransportError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const what = code === '' || error.message.includes(code) ? error.message : `${error.message} (${code})`
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new TransportError('timeout', false, what, error)
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new TransportError('closed', sent, 'The store is closed.', error)
  }
  if (queued) return new TransportError('connect', false, what, error)
  const protocol =
    code.startsWith('HPE_') || code.startsWith('UND_ERR_RES') || code === 'UND_ERR_HEADERS_OVERFLOW'
  return new TransportError(protocol ? 'protocol' : 'reset', sent, what, error)
}
