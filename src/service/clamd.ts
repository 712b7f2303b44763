import { type NetConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { type ClamdAddress, parseClamdAddress } from '../core/clamd-address.js'
import { StorageError, shown } from '../core/errors.js'

/** What clamd says of a stream. */
export type ClamdVerdict =
  | { readonly found: string }
  /** More than its `StreamMaxLength`: it was not scanned. */
  | 'too large'
  | 'clean'

export interface ClamdOptions {
  readonly signal: AbortSignal
  /** Longest wait for a connection. Milliseconds. */
  readonly connectTimeoutMs: number
}

/** How long an answer is waited for after a write failed. Milliseconds. */
const HEED_MS = 1000

const CLEAN = 'stream: OK'
/** No answer of clamd's is longer; what is, is none. */
const ANSWER_BYTES = 4096
/** A file of this size takes a chunk's length (4 bytes) and no more. */
const CHUNK_BYTES = 0xffff_ffff

/**
 * Has a stream scanned (clamd(8), `INSTREAM`): each piece is sent behind its length, a length of zero ends it.
 *
 * @throws Error if clamd cannot be reached, ends early, or answers with anything but a verdict
 */
export async function scanStream(
  address: ClamdAddress,
  pieces: AsyncIterable<Buffer>,
  options: ClamdOptions,
): Promise<ClamdVerdict> {
  const answer = await converse(address, 'zINSTREAM\0', pieces, options)
  if (answer === CLEAN) return 'clean'
  if (answer === 'INSTREAM size limit exceeded. ERROR') return 'too large'
  const [, found] = /^stream: (.+) FOUND$/.exec(answer) ?? []
  if (found !== undefined) return { found }
  throw answered(address, answer)
}

/** Asks for its version (clamd(8), `VERSION`), which also proves that it answers. */
export async function clamdVersion(address: ClamdAddress, options: ClamdOptions): Promise<string> {
  const answer = await converse(address, 'zVERSION\0', undefined, options)
  if (answer.startsWith('ClamAV ')) return answer
  throw answered(address, answer)
}

/** One command on a connection of its own. @returns what came back, without the zero byte at its end */
async function converse(
  address: ClamdAddress,
  command: string,
  pieces: AsyncIterable<Buffer> | undefined,
  options: ClamdOptions,
): Promise<string> {
  const talk = new Conversation(address, options)
  try {
    await talk.connected
    await talk.send(Buffer.from(command))
    const isSent = pieces === undefined || (await sendPieces(talk, pieces))
    const answer = await talk.answer
    if (!isSent && answer === CLEAN)
      throw new Error(`ClamAV at ${nameOf(address)} judged what it had not read`)
    return answer
  } finally {
    talk.close()
  }
}

/** @returns whether all of them were sent: whoever has heard enough answers, and reads no more */
async function sendPieces(talk: Conversation, pieces: AsyncIterable<Buffer>): Promise<boolean> {
  for await (const piece of pieces) {
    if (talk.isOver) return false
    if (piece.length === 0) continue
    if (piece.length > CHUNK_BYTES) throw new Error(`a piece of ${piece.length} bytes is too long to be sent`)
    await talk.send(lengthOf(piece.length), piece)
  }
  if (talk.isOver) return false
  await talk.send(lengthOf(0))
  return true
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.allocUnsafe(4)
  length.writeUInt32BE(bytes)
  return length
}

/** A connection, and the one answer that comes over it. */
class Conversation {
  readonly connected: Promise<void>
  readonly answer: Promise<string>
  readonly #socket: Socket
  readonly #close: () => void
  #isOver = false
  /** Ends what waits until bytes are on their way. */
  #wake: (() => void) | undefined

  constructor(address: ClamdAddress, { signal, connectTimeoutMs }: ClamdOptions) {
    const name = nameOf(address)
    const received = Buffer.allocUnsafe(ANSWER_BYTES)
    let length = 0
    let settle: (outcome: string | Error) => void = () => {}
    this.answer = new Promise((resolve, reject) => {
      settle = outcome => {
        this.#isOver = true
        this.#wake?.()
        if (typeof outcome === 'string') resolve(outcome)
        else reject(outcome)
      }
    })
    // Read past the stream of the socket, which gives nothing any more once a write has failed.
    const onRead = (bytes: number, buffer: Uint8Array): boolean => {
      const kept = Math.min(bytes, ANSWER_BYTES - length)
      received.set(buffer.subarray(0, kept), length)
      length += kept
      const end = received.subarray(0, length).indexOf(0)
      if (end !== -1) settle(received.toString('utf8', 0, end))
      else if (length === ANSWER_BYTES)
        settle(new Error(`ClamAV at ${name} answered with ${length} bytes and more`))
      return !this.#isOver
    }
    const onread = { buffer: Buffer.allocUnsafe(ANSWER_BYTES), callback: onRead }
    const socket = new HeedfulSocket({ allowHalfOpen: true, onread } as SocketConstructorOpts)
    this.#socket = socket
    const fail = (why: string, cause?: unknown): void =>
      void socket.destroy(new Error(`ClamAV at ${name} ${why}`, { cause }))
    const onAbort = (): void => fail('was not waited for any longer', signal.reason)
    const timer = setTimeout(() => fail(`took no connection within ${connectTimeoutMs} ms`), connectTimeoutMs)
    this.#close = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
    }
    this.connected = new Promise((resolve, reject) => {
      socket.once('connect', () => {
        clearTimeout(timer)
        resolve()
      })
      socket.once('close', () => reject(new Error(`ClamAV at ${name} cannot be reached`)))
      socket.once('error', error => reject(named(error, name)))
    })
    socket.once('end', () => settle(new Error(`ClamAV at ${name} closed the connection without an answer`)))
    socket.once('close', () => settle(new Error(`the connection to ClamAV at ${name} was closed`)))
    socket.once('error', error => settle(named(error, name)))
    for (const promise of [this.connected, this.answer]) promise.catch(() => {})
    // So that its end is heard of.
    socket.resume()
    socket.connect(address as NetConnectOpts)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  }

  /** Whether nothing more need be sent: the answer is there, or none will come. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Resolves when all of it is on its way, or need not be. */
  async send(...pieces: readonly Buffer[]): Promise<void> {
    const socket = this.#socket
    if (this.#isOver) return
    await new Promise<void>(resolve => {
      this.#wake = resolve
      const done = (error?: Error | null): void => {
        if (error) this.#isOver = true
        resolve()
      }
      socket.cork()
      for (const [i, piece] of pieces.entries())
        socket.write(piece, i === pieces.length - 1 ? done : undefined)
      socket.uncork()
    })
  }

  close(): void {
    this.#close()
  }
}

/**
 * A socket that hears what was said before a write to it failed: clamd that has read enough answers, closes, and leaves
 * the rest unread. Node's own would be gone with the failed write, and the answer with it.
 */
class HeedfulSocket extends Socket {
  #isHeeding = false

  override destroy(error?: NodeJS.ErrnoException): this {
    if (error?.syscall !== 'write' || this.#isHeeding) return super.destroy(error)
    this.#isHeeding = true
    const timer = setTimeout(() => super.destroy(error), HEED_MS)
    this.once('end', () => super.destroy(error)).once('close', () => clearTimeout(timer))
    return this
  }
}

function answered(address: ClamdAddress, answer: string): Error {
  return new Error(`ClamAV at ${nameOf(address)} answered ${shown(answer)}`)
}

/** The system's errors say of what they are, and not of whom. */
function named(error: Error, name: string): Error {
  if (error.message.startsWith('ClamAV')) return error
  return new Error(`ClamAV at ${name}: ${error.message}`, { cause: error })
}

function nameOf(address: ClamdAddress): string {
  if ('path' in address) return address.path
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

/** @throws StorageError `INVALID_ARGUMENT` */
export function requireClamdAddress(text: unknown): ClamdAddress {
  const address = typeof text === 'string' ? parseClamdAddress(text) : undefined
  if (address !== undefined) return address
  const message = `Invalid address ${shown(text)}; accepted: the path of clamd's socket, or host:port.`
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'open', message })
}
