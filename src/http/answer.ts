import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { ERROR_CODES, type ErrorCode, StorageError } from '../core/errors.js'
import type { Logger } from '../core/logger.js'
import { awaitsContinue } from './expectation.js'

/** A body that the client declared to be this small is read to its end, so that the connection can be kept. */
const DISCARD_BYTES = 64 * 1024

/** How long a client may go on sending a body that nobody wants, before the connection is cut. */
const LINGER_MS = 5000

/** What a client is told where the cause is ours to know: a store's own words may name hosts and folders. */
const PUBLIC_MESSAGES: Partial<Record<ErrorCode, string>> = {
  NOT_FOUND: 'There is no such file.',
  UNAVAILABLE: 'The store cannot be reached at the moment.',
  TIMEOUT: 'The store did not answer in time.',
  THROTTLED: 'The store asks to slow down.',
  NO_SPACE: 'The storage is full.',
  INTEGRITY: 'The stored bytes are not those that were written.',
}

const INTERNAL_MESSAGE = 'Something went wrong in the server; its log says what.'

/** Headers of every answer that is not a file. */
const PLAIN_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** Answers with JSON. Ends the answer. */
export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  sendText(request, response, status, JSON.stringify(body), {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
  })
}

/** Answers with text (or nothing, with status 204) that may be shown to nobody else. Ends the answer. */
export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders,
): void {
  const body = Buffer.from(text)
  finish(request, response, status, body, {
    ...PLAIN_HEADERS,
    ...(status !== 204 && { 'content-length': body.length }),
    ...headers,
  })
}

/** How an error is answered beside what its code says. */
export interface ErrorAnswer {
  readonly status?: number
  readonly headers?: OutgoingHttpHeaders
  /** What the error tells beside what every error does. */
  readonly detail?: object
}

/**
 * Answers with an error as `{"error": {code, message, key?, retryable, retryAfterMs?}}`, and logs it where the fault is
 * not the client's. An answer that has begun can only be broken off, so that no client takes a part for the whole.
 */
export function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
  logger: Logger,
  answer: ErrorAnswer = {},
): void {
  const error = StorageError.is(thrown) ? thrown : unexpected(thrown)
  const status = answer.status ?? statusOf(error)
  // Nobody is left to answer, and what failed may have failed because of that.
  if (response.destroyed) return
  if (status >= 500) log(logger, request, error)
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { code, key, retryable, retryAfterMs } = error
  const headers: OutgoingHttpHeaders = { 'x-holdfast-error': code, ...answer.headers }
  // Whole seconds (RFC 9110, section 10.2.3). Where the store said nothing, one: it may be back at any moment.
  if (retryable) headers['retry-after'] = String(Math.max(1, Math.ceil((retryAfterMs ?? 1000) / 1000)))
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="holdfast"'
  const message = publicMessage(error, status)
  const told = { code, message, key, retryable, retryAfterMs, ...answer.detail }
  sendJson(request, response, status, { error: told }, headers)
}

/** The error for what a storage of the application's own cannot do. @param what such as `has no tags` */
export function withoutAbility(key: string, what: string): StorageError {
  return new StorageError({ code: 'UNSUPPORTED', op: 'http', key, message: `This storage ${what}.` })
}

/** A store that does not know *our* credentials is our fault: 401 would blame the client's. */
function statusOf(error: StorageError): number {
  if (error.code === 'UNAUTHENTICATED' && error.store !== undefined) return 500
  return ERROR_CODES[error.code]?.httpStatus ?? 500
}

function publicMessage(error: StorageError, status: number): string {
  if (error.op === 'http') return error.message
  if (error.op === 'inspect')
    return 'The upload could not be inspected, and nothing was stored; try again later.'
  const message = PUBLIC_MESSAGES[error.code]
  if (message !== undefined) return message
  return status >= 500 && error.code !== 'UNSUPPORTED' ? INTERNAL_MESSAGE : error.message
}

function unexpected(cause: unknown): StorageError {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new StorageError({ code: 'INTERNAL', op: 'serve', message: `Unexpected failure: ${why}`, cause })
}

function log(logger: Logger, request: IncomingMessage, error: StorageError): void {
  const { code, op, key, store } = error
  const fields = { code, op, key, store, method: request.method, path: loggedPath(request) }
  if (error.retryable) logger.warn(fields, error.message)
  else logger.error(fields, error.message)
}

/** The request's path as it may be logged: the query can hold a signature. */
export function loggedPath(request: IncomingMessage): string {
  return request.url?.replace(/\?.*$/s, '') ?? ''
}

/**
 * Writes a whole answer, whatever has become of the request's body. Cutting the connection while the client is still
 * sending would destroy the answer before it is read (RFC 9112, section 9.6): a small rest is read and dropped, of a
 * large one so much as comes within some seconds of the answer.
 */
function finish(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: Buffer,
  headers: OutgoingHttpHeaders,
): void {
  if (!isArriving(request)) {
    response.writeHead(status, headers)
    response.end(body)
    return
  }
  if (awaitsContinue(request) || headers.connection === 'close') {
    // A client that waits for 100 Continue may send the body or not, now that it has an answer: only the end of the
    // connection is clear to both.
    response.writeHead(status, { ...headers, connection: 'close' })
    response.end(body)
    return
  }
  if (Number(request.headers['content-length']) <= DISCARD_BYTES) {
    response.writeHead(status, headers)
    response.end(body)
    request.resume()
    return
  }
  response.writeHead(status, { ...headers, connection: 'close' })
  if (request.method === 'HEAD' || body.length === 0) response.flushHeaders()
  else response.write(body)
  const timer = setTimeout(end, LINGER_MS)
  function end(): void {
    clearTimeout(timer)
    response.end()
  }
  request.once('end', end).once('close', end).resume()
}

/** Whether some of the request's body is still to come. */
function isArriving(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  return (encoding !== undefined || (length !== undefined && length !== '0')) && !request.complete
}

/** An error of a connection that is gone is told to nobody, and must not end the process. */
export function ignoreErrors(stream: IncomingMessage | ServerResponse): void {
  if (stream.listenerCount('error', nothing) === 0) stream.on('error', nothing)
}

function nothing(): void {}
