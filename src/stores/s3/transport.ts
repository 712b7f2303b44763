import { type Dispatcher, Pool } from 'undici'
import type { Deadlines } from './deadlines.js'
import {
  type Answer,
  type DispatchedRequest,
  Exchange,
  type OpenAnswer,
  type Sender,
  type WireRequest,
} from './exchange.js'

/** What a {@link Transport} is made of. */
export interface TransportOptions {
  /** Scheme, host and port. */
  readonly origin: string
  /** Requests under way at once, and as many downloads whose answer has not begun; further ones wait. */
  readonly connections: number
  readonly deadlines: Deadlines
}

/** How long a close waits for requests under way. */
const CLOSE_MS = 5_000
/** Connections younger than this are not given up again. Milliseconds. */
const YOUNG_MS = 1_000

/**
 * Sends requests to one origin over kept connections. It follows no redirect and repeats no request. Every
 * request ends by a deadline.
 */
export class Transport {
  readonly #deadlines: Deadlines
  readonly #open: (connections?: number) => Pool
  readonly #connections: number
  readonly #downloads: Downloads
  readonly #sender: Sender
  #requests: Pool
  /** Given up, with requests under way. */
  readonly #retired = new Set<Pool>()
  #renewedAt = Number.NEGATIVE_INFINITY
  #closing: Promise<void> | undefined

  constructor({ origin, connections, deadlines }: TransportOptions) {
    const options: Pool.Options = {
      pipelining: 1,
      // Deadlines are kept by the exchange, where sending, waiting and a reader who pauses are told apart.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 10_000,
      maxHeaderSize: 64 * 1024,
      connect: { timeout: deadlines.connectMs },
    }
    this.#open = limit => new Pool(origin, limit === undefined ? options : { ...options, connections: limit })
    this.#connections = connections
    this.#deadlines = deadlines
    this.#requests = this.#open(connections)
    this.#sender = {
      dispatch: (request, exchange) => dispatch(this.#requests, request, exchange),
      release: nothing,
    }
    this.#downloads = new Downloads(this.#open(), connections)
  }

  /** The whole answer, whatever its status. @throws TransportError */
  send(request: WireRequest): Promise<Answer> {
    const exchange = new Exchange(request, this.#deadlines, false)
    exchange.send(this.#sender)
    return exchange.answer as Promise<Answer>
  }

  /** As {@link send}, but the body of a success is left to be read. @throws TransportError */
  open(request: WireRequest): Promise<Answer | OpenAnswer> {
    const exchange = new Exchange(request, this.#deadlines, true)
    this.#downloads.send(exchange)
    return exchange.answer
  }

  /**
   * Further requests go over new connections, and those under way to their end over theirs. A connection can be
   * dead without anybody having told, and then those that are kept beside it are likely to be dead as well: each of
   * them would cost somebody a deadline.
   */
  renew(): void {
    const now = performance.now()
    if (this.#closing !== undefined || now - this.#renewedAt < YOUNG_MS) return
    this.#renewedAt = now
    for (const pool of [this.#requests, this.#downloads.pool]) {
      this.#retired.add(pool)
      void pool
        .close()
        .catch(nothing)
        .finally(() => this.#retired.delete(pool))
    }
    this.#requests = this.#open(this.#connections)
    this.#downloads.pool = this.#open()
  }

  /** Waits a little for requests under way, then cuts every connection. */
  close(): Promise<void> {
    const pools = [this.#requests, this.#downloads.pool, ...this.#retired]
    this.#closing ??= Promise.all(pools.map(closePool)).then(nothing)
    return this.#closing
  }
}

/**
 * Sends those requests whose bodies are read as slowly as their readers like. They have connections of their own,
 * as many as it takes: else a few slow readers would keep everybody from the store. Only those that wait for their
 * answer to begin are limited.
 */
class Downloads implements Sender {
  pool: Pool
  readonly #limit: number
  readonly #waiting: Exchange[] = []
  #underWay = 0

  constructor(pool: Pool, limit: number) {
    this.pool = pool
    this.#limit = limit
  }

  send(exchange: Exchange): void {
    if (this.#underWay >= this.#limit) this.#waiting.push(exchange)
    else {
      this.#underWay++
      exchange.send(this)
    }
  }

  dispatch(request: DispatchedRequest, exchange: Exchange): void {
    dispatch(this.pool, request, exchange)
  }

  release(): void {
    this.#underWay--
    let next = this.#waiting.shift()
    while (next?.ended === true) next = this.#waiting.shift()
    if (next !== undefined) this.send(next)
  }
}

function dispatch(pool: Pool, request: DispatchedRequest, exchange: Exchange): void {
  // undici takes an iterable for a body as well, which its type leaves out.
  pool.dispatch(request as Dispatcher.DispatchOptions, exchange)
}

async function closePool(pool: Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<void>(resolve => {
    timer = setTimeout(resolve, CLOSE_MS)
  })
  await Promise.race([pool.close(), waited])
  clearTimeout(timer)
  if (!pool.destroyed) await pool.destroy()
}

function nothing(): void {}
