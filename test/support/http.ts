import {
  type Agent,
  type IncomingHttpHeaders,
  request as nodeRequest,
  type OutgoingHttpHeaders,
} from 'node:http'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Store } from '../../src/core/store.js'
import { createServer, type HttpServer, type HttpStorage, type ServerOptions } from '../../src/http/index.js'
import { StorageService } from '../../src/service.js'
import { MemoryStore } from '../../src/stores/memory.js'

/** A server of the test's own, with what it serves and says. */
export interface TestServer {
  readonly server: HttpServer
  readonly storage: StorageService
  readonly port: number
  /** Such as `http://127.0.0.1:43210`. */
  readonly url: string
  /** What was logged, a line each: level, fields and message. */
  readonly log: readonly string[]
}

/** Serves a store, a fresh one in memory unless given, until the test is over. */
export async function serve(
  options: ServerOptions = {},
  store: Store = new MemoryStore(),
): Promise<TestServer> {
  const storage = new StorageService({ config: {}, store })
  const running = await serveStorage(storage, options)
  onTestFinished(async () => void (await storage.close({ drainMs: 0 })))
  return { ...running, storage }
}

/** Serves anything that can be served, until the test is over. */
export async function serveStorage(
  storage: HttpStorage,
  options: ServerOptions = {},
): Promise<Omit<TestServer, 'storage'>> {
  const log: string[] = []
  const note =
    (level: string) =>
    (fields: object, message: string): void =>
      void log.push(`${level} ${JSON.stringify(fields)} ${message}`)
  const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
  const server = createServer(storage, { port: 0, logger, ...options })
  onTestFinished(async () => void (await server.close({ drainMs: 0 })))
  return { server, log, ...(await server.listen()) }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly json: any
}

export interface Asked {
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Buffer | string
  readonly agent?: Agent
}

/**
 * Sends one request, its path as it is: unlike fetch, nothing normalises it. Rejects where the transfer breaks off.
 */
export function ask(port: number, method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { headers = {}, body, agent } = asked
  return new Promise((resolve, reject) => {
    // Without it, node:http would send the body of a DELETE with nothing to tell where it ends.
    const length =
      body === undefined || 'transfer-encoding' in headers
        ? {}
        : { 'content-length': Buffer.byteLength(body) }
    const request = nodeRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...length, ...headers },
      agent: agent ?? false,
    })
    request.on('error', reject)
    request.on('response', response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: bytes,
          get text() {
            return bytes.toString()
          },
          get json() {
            return JSON.parse(bytes.toString())
          },
        })
      })
    })
    request.end(body)
  })
}

/** A bare connection: what is written goes out byte for byte, and all that came back is kept as text (Latin-1). */
export interface Wire {
  readonly socket: Socket
  write(text: string | Buffer): void
  /** All that came so far. */
  received(): string
  /** Resolves when what came matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with all that came when the server has ended the connection, in whatever way. */
  readonly closed: Promise<string>
}

export function openWire(port: number): Wire {
  const socket = connect({ host: '127.0.0.1', port })
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.setEncoding('latin1').on('data', text => {
    received += text
  })
  socket.on('error', () => {})
  const closed = new Promise<string>(resolve => socket.once('close', () => resolve(received)))
  return {
    socket,
    closed,
    received: () => received,
    write: text => void socket.write(text),
    says: pattern =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(received)
          if (match !== null) resolve(match)
        }
        socket.on('data', look)
        look()
        closed.then(() => reject(new Error(`The connection ended without ${pattern}:\n${received}`)), reject)
      }),
  }
}

/** Resolves when the condition holds; looks every few milliseconds. The test's own time limit is the deadline. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 5))
}
