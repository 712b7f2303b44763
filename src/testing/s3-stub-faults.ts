import type { ServerResponse } from 'node:http'
import { errorAnswer, type StubAnswer } from './s3-stub-answer.js'

/**
 * What goes wrong with one request.
 *
 * - `refuse`: the connection is reset before the request is read; `reset`: after it was read, and it had no
 *   effect; `lose-answer`: after it took effect
 * - `status`: this answer instead, after the request took effect if `applied`
 * - `delayMs`: served after a while
 * - `stall`: `request` reads no body, `before-headers` reads it and never answers (after it took effect if
 *   `applied`), `mid-body` stops in the middle of its answer
 * - `trickleMs`: the answer's body comes one byte at a time, with this pause
 * - `truncate`: half of the body comes. `content-length`: announced in full; `chunked`: without a last chunk;
 *   `close`: without a length, ended by the connection; `matching`: with the length of what comes
 * - `wrong`: the answer has another byte, or another ETag, than the object
 * - `errorIn200`: an error document of this code with a status of 200, and no effect
 */
export type Fault =
  | 'refuse'
  | 'reset'
  | 'lose-answer'
  | {
      readonly status: number
      readonly body?: string | Buffer
      readonly headers?: Readonly<Record<string, string>>
      readonly applied?: boolean
    }
  | { readonly delayMs: number }
  | { readonly stall: 'request' | 'before-headers' | 'mid-body'; readonly applied?: boolean }
  | { readonly trickleMs: number }
  | { readonly truncate: 'content-length' | 'chunked' | 'close' | 'matching' }
  | { readonly wrong: 'bytes' | 'etag' }
  | { readonly errorIn200: string }

/** Whether the request still takes effect under this fault. */
export function isApplied(fault: Fault | undefined): boolean {
  if (fault === undefined || fault === 'lose-answer') return true
  if (typeof fault === 'string' || 'errorIn200' in fault) return false
  if ('status' in fault || 'stall' in fault)
    return fault.applied === true || ('stall' in fault && fault.stall === 'mid-body')
  return true
}

/** The answer in place of a request that takes no effect. */
export function answerInPlace(fault: Fault): StubAnswer | undefined {
  if (typeof fault === 'string') return undefined
  if ('errorIn200' in fault) {
    const { errorIn200: code } = fault
    return {
      ...errorAnswer({ status: 200, code, message: 'We encountered an internal error.' }),
      status: 200,
    }
  }
  if (!('status' in fault)) return undefined
  const { status, headers = {}, body = '' } = fault
  return { status, headers, body: Buffer.from(body) }
}

/** Sends an answer, with what the fault makes of it. */
export function sendAnswer(
  response: ServerResponse,
  answer: StubAnswer,
  fault: Fault | undefined,
  isHead: boolean,
): void {
  const faulty = typeof fault === 'string' ? undefined : fault
  if (faulty !== undefined && 'truncate' in faulty) {
    sendTruncated(response, answer, faulty.truncate)
    return
  }
  let { body, headers } = answer
  if (faulty !== undefined && 'wrong' in faulty) {
    if (faulty.wrong === 'bytes') body = withOtherByte(body)
    else headers = { ...headers, etag: `"${'0'.repeat(32)}"` }
  }
  if (!isHead || headers['content-length'] === undefined) {
    headers = { ...headers, 'content-length': String(body.length) }
  }
  if (answer.status === 204 || answer.status === 304) headers = without(headers, 'content-length')
  response.writeHead(answer.status, headers)
  if (faulty !== undefined && 'stall' in faulty && faulty.stall === 'mid-body') {
    // Without the first write, the head would wait for more of the body.
    response.write(body.subarray(0, Math.ceil(body.length / 2)))
  } else if (faulty !== undefined && 'trickleMs' in faulty) trickle(response, body, faulty.trickleMs)
  else response.end(isHead ? undefined : body)
}

function trickle(response: ServerResponse, body: Buffer, pauseMs: number): void {
  let sent = 0
  const timer = setInterval(() => {
    if (sent < body.length) response.write(body.subarray(sent, ++sent))
    else {
      clearInterval(timer)
      response.end()
    }
  }, pauseMs)
  response.once('close', () => clearInterval(timer))
}

function sendTruncated(
  response: ServerResponse,
  { status, headers, body }: StubAnswer,
  how: 'content-length' | 'chunked' | 'close' | 'matching',
): void {
  const half = body.subarray(0, Math.floor(body.length / 2))
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  if (how === 'content-length') lines.push(`content-length: ${body.length}\r\n`)
  else if (how === 'matching') lines.push(`content-length: ${half.length}\r\n`)
  else if (how === 'chunked') lines.push('transfer-encoding: chunked\r\n')
  const { socket } = response
  socket?.write(`HTTP/1.1 ${status} OK\r\n${lines.join('')}connection: close\r\n\r\n`)
  if (how === 'chunked') socket?.write(`${half.length.toString(16)}\r\n`)
  socket?.write(half)
  if (how === 'chunked') socket?.write('\r\n')
  socket?.end()
}

function withOtherByte(body: Buffer): Buffer {
  const other = Buffer.from(body)
  const middle = other.length >> 1
  if (other.length > 0) other[middle] = (other[middle] as number) ^ 0xff
  return other
}

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const { [name]: _, ...rest } = headers
  return rest
}
