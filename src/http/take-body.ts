import type { IncomingMessage, ServerResponse } from 'node:http'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { sendError } from './answer.js'
import type { Context } from './context.js'
import { RequestBody } from './request-body.js'

/** Bytes of a body that is read into memory. */
const MAX_JSON_BYTES = 64 * 1024

/**
 * Gives a request's body to somebody who reads it.
 *
 * @returns what came of that; undefined where the client was too slow, and has its answer
 * @throws StorageError what `use` throws; `INTERNAL` where somebody else has read the body
 */
export async function takeBody<T>(
  { settings, traffic }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  use: (body: RequestBody) => Promise<T>,
): Promise<T | undefined> {
  if (request.readableDidRead || request.readableEnded) {
    // Storing what is left would be storing nothing, and reporting success.
    const message = 'The body was read before Holdfast got the request: mount it before any body parser.'
    throw new StorageError({ code: 'INTERNAL', op: 'http', key, message })
  }
  const body = new RequestBody(request, response, settings.idleTimeoutMs, traffic)
  try {
    return await use(body)
  } catch (error) {
    if (!body.timedOut) throw error
    // RFC 9110, section 15.5.9: the client, not the store, was too slow.
    const headers = { connection: 'close' }
    sendError(request, response, error, settings.logger, { status: 408, headers })
    return undefined
  } finally {
    await body.return()
  }
}

/** A body as JSON; undefined for one that is none. @throws StorageError `TOO_LARGE` */
export async function readJson(body: RequestBody): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > MAX_JSON_BYTES) {
      const message = `The body has more than the ${MAX_JSON_BYTES} bytes that are accepted here.`
      throw new StorageError({ code: 'TOO_LARGE', op: 'http', message })
    }
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return undefined
  }
}
