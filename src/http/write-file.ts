import type { IncomingMessage, ServerResponse } from 'node:http'
import { StorageError } from '../core/errors.js'
import { encodeKey, type Key } from '../core/key.js'
import type { Condition } from '../core/store.js'
import type { FileStat, SignedAccess, UploadOptions } from '../storage.js'
import { sendJson, sendText } from './answer.js'
import { decideWrite, isConditionalWrite, quoteEtag, storeCondition } from './conditions.js'
import type { Context } from './context.js'
import { awaitsContinue } from './expectation.js'
import { takeBody } from './take-body.js'
import { UPLOADS } from './target.js'
import { uploadOptions } from './upload-headers.js'

/**
 * `PUT /uploads/<key>` (RFC 9110, section 9.3.4): stores the body as it arrives, whole or not at all. Answered with
 * 201 and the {@link UploadResult} (but for `path`); 200 where a condition proved that there was a file before.
 */
export async function writeFile(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  signed: SignedAccess | undefined,
): Promise<void> {
  const options = uploadOptions(request.headers, context.settings.maxUploadBytes, signed !== undefined)
  const condition = await writeCondition(context, request, key)
  const status = condition?.ifMatch === undefined ? 201 : 200
  await storeBody(context, request, response, key, { ...options, ...condition }, status)
}

/**
 * `POST /uploads/<prefix>/` (RFC 9110, section 9.3.3): stores the body as a new file, and answers as a PUT does; `Location`
 * says where it is.
 *
 * @param key one that nobody has had: so it needs no condition, which not every server keeps, and an outage puts off
 */
export async function storeNewFile(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
): Promise<void> {
  if (isConditionalWrite(request.headers)) {
    const message = 'A POST makes a new file, and takes no conditions.'
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', message })
  }
  const options = uploadOptions(request.headers, context.settings.maxUploadBytes)
  await storeBody(context, request, response, key, options, 201)
}

async function storeBody(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  options: UploadOptions,
  status: number,
): Promise<void> {
  const { storage, settings } = context
  const result = await takeBody(context, request, response, key, body =>
    storage.uploadFile(body, key, options),
  )
  if (result === undefined) return
  // Where the bytes lie on this machine is nothing to its clients.
  sendJson(
    request,
    response,
    status,
    { ...result, path: undefined },
    {
      etag: quoteEtag(result.etag),
      location: `${settings.basePath}${UPLOADS}${encodeKey(key)}`,
    },
  )
}

/** `DELETE /uploads/<key>` (RFC 9110, section 9.3.5): 204, whether there was a file or not. */
export async function deleteFile(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
): Promise<void> {
  if (request.headers['if-none-match'] !== undefined) {
    const message = 'A DELETE takes If-Match or If-Unmodified-Since, and no If-None-Match.'
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', key, message })
  }
  const condition = await writeCondition(context, request, key)
  const absent = condition?.ifNoneMatch === '*'
  if (!absent) await context.storage.deleteFile(key, { ifMatch: condition?.ifMatch })
  sendText(request, response, 204, '', {})
}

/**
 * The condition to give the store. What the store cannot decide alone is decided here and pinned to what was seen; and
 * where the client waits with its body, everything is, so that a body that would be refused is never sent.
 */
async function writeCondition(
  { storage }: Context,
  request: IncomingMessage,
  key: Key,
): Promise<Condition | undefined> {
  if (!isConditionalWrite(request.headers)) return undefined
  const direct = storeCondition(request.headers)
  if (direct !== undefined && !awaitsContinue(request)) return direct
  let stat: FileStat | undefined
  try {
    stat = await storage.statFile(key)
  } catch (error) {
    if (!StorageError.is(error, 'NOT_FOUND')) throw error
  }
  const pinned = decideWrite(request.headers, stat)
  return direct ?? pinned
}
