import {
  createServer as createNodeServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { StorageError, shown } from '../core/errors.js'
import { createApp } from './app.js'
import { answerBrokenRequest } from './broken-request.js'
import { Connections } from './connections.js'
import { expectContinue } from './expectation.js'
import { handlerOf } from './handler.js'
import { checkWhole, type HandlerOptions, type HttpStorage } from './options.js'

export interface ServerOptions extends HandlerOptions {
  /** Address to listen on; `127.0.0.1` unless given. Any but a loopback address takes `apiKeys` or `authorize`. */
  readonly host?: string | undefined
  /** Port to listen on; 8080 unless given, and 0 takes a free one. */
  readonly port?: number | undefined
  /** Longest wait, in milliseconds, for the headers of a request; 20,000 unless given. */
  readonly headersTimeoutMs?: number | undefined
  /**
   * How long a connection without a request is kept, in milliseconds; 65,000 unless given: longer than load balancers
   * keep theirs, so that they never send on one that is just being closed.
   */
  readonly keepAliveTimeoutMs?: number | undefined
}

/** A running, or not yet running, server. */
export interface HttpServer {
  /**
   * Starts to listen. The storage opens with the first request that needs it.
   * @returns where the server is reached
   * @throws StorageError `CONFIG_INVALID` for an address that others reach while no access rules are set, or one that
   *   cannot be listened on
   */
  listen(): Promise<{ readonly host: string; readonly port: number; readonly url: string }>
  /** Such as `http://127.0.0.1:8080`; undefined while the server does not listen. */
  readonly url: string | undefined
  /**
   * Stops: accepts nothing more, closes idle connections at once, lets running requests finish for up to `drainMs`
   * (10,000 unless given), then cuts them off. Leaves the storage open.
   * @returns how many connections were cut off
   */
  close(options?: { readonly drainMs?: number | undefined }): Promise<{ readonly cutOff: number }>
}

const DEFAULT_DRAIN_MS = 10_000

/** Bytes of a request's line and headers together; more is answered with 431. */
const MAX_HEADER_BYTES = 16 * 1024

/**
 * A server of its own over a storage.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export function createServer(storage: HttpStorage, options: ServerOptions = {}): HttpServer {
  const { host = '127.0.0.1', port = 8080, headersTimeoutMs = 20_000, keepAliveTimeoutMs = 65_000 } = options
  checkWhole('port', port, 65_535, 0)
  checkWhole('headersTimeoutMs', headersTimeoutMs, 2 ** 31 - 1)
  checkWhole('keepAliveTimeoutMs', keepAliveTimeoutMs, 2 ** 31 - 1)
  const app = createApp(storage, options)
  const handler = handlerOf(app)
  const connections = new Connections()
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    connections.begin(request.socket, response)
    handler(request, response)
  }
  const server = createNodeServer({
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // An upload may take hours while it moves; that it moves is watched where its body is read.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(5000, headersTimeoutMs),
    maxHeaderSize: MAX_HEADER_BYTES,
    highWaterMark: 64 * 1024,
  })
  server.on('connection', (socket: Socket) => connections.add(socket))
  server.on('request', answer)
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    expectContinue(request)
    answer(request, response)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) =>
    answerBrokenRequest(error, socket, connections.isBusy(socket)),
  )

  let closing: Promise<{ cutOff: number }> | undefined
  return {
    get url() {
      return urlOf(server)
    },
    async listen() {
      if (app.context.access.open && !isLoopback(host)) throw unguarded(host)
      await listening(server, host, port)
      const url = urlOf(server) as string
      return { host, port: (server.address() as AddressInfo).port, url }
    },
    close({ drainMs = DEFAULT_DRAIN_MS } = {}) {
      closing ??= (async () => {
        const closed = new Promise<void>(resolve => server.close(() => resolve()))
        const cutOff = await connections.drain(drainMs)
        await closed
        return { cutOff }
      })()
      return closing
    },
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : (error.code ?? error.message)
      const message = `Cannot listen on ${host}:${port}: ${why}.`
      reject(new StorageError({ code: 'CONFIG_INVALID', op: 'serve', message, cause: error }))
    }
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      resolve()
    })
  })
}

function urlOf(server: Server): string | undefined {
  const address = server.address()
  if (address === null || typeof address === 'string') return undefined
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function unguarded(host: string): StorageError {
  const message =
    `Refusing to listen on ${shown(host)}: no access rules are set, so anybody who reaches it could read and write ` +
    'every file. Set HOLDFAST_API_KEYS (the option apiKeys) or give authorize; or listen on 127.0.0.1.'
  return new StorageError({ code: 'CONFIG_INVALID', op: 'serve', message })
}
