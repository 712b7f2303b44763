import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { PROOF_BYTES } from '../core/content-type.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Encoding, FileStat, OpenedFile, SignedAccess } from '../storage.js'
import { sendError } from './answer.js'
import { pumpBody } from './body-pump.js'
import { cacheControlOf } from './cache-control.js'
import { evaluateRead, failed, holdsIfRange, isRevalidation, parseIfRange, quoteEtag } from './conditions.js'
import type { Context } from './context.js'
import { mayBeInline, present } from './presentation.js'
import { parseRange } from './ranges.js'
import { redirectToBucket } from './redirect.js'
import {
  acceptedEncodings,
  type Representation,
  representationOf,
  selectRepresentation,
} from './representation.js'
import { answerArchived } from './thaw-file.js'
import { metadataHeaders } from './upload-headers.js'

/**
 * `GET` and `HEAD /uploads/<key>`: the file, a part of it (RFC 9110, section 14), or that nothing has changed
 * (section 13). The bearer of a signed URL may be sent on to the bucket.
 */
export async function readFile(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  signed: SignedAccess | undefined,
): Promise<void> {
  try {
    await answerRead(context, request, response, key, signed)
  } catch (error) {
    if (!StorageError.is(error, 'ARCHIVED') || response.headersSent) throw error
    await answerArchived(context, request, response, key)
  }
}

async function answerRead(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  signed: SignedAccess | undefined,
): Promise<void> {
  const { storage, verdicts } = context
  if (signed !== undefined && (await redirectToBucket(context, request, response, key, signed))) return
  const { method, headers } = request
  let accepted = acceptedEncodings(headers)
  // What a condition names may decide between the representations.
  const isAsked = isRevalidation(headers) || (accepted.length > 0 && headers['if-match'] !== undefined)
  if (method === 'HEAD' || isAsked) {
    const stat = await storage.statFile(key)
    const chosen = selectRepresentation(headers, accepted, stat)
    if (answerConditions(context, request, response, stat, chosen)) return
    if (method === 'HEAD') {
      const proven = mayBeInline(stat, signed) ? await provenOf(verdicts, stat) : undefined
      response.writeHead(200, {
        ...fileHeaders(context, response, stat, chosen, proven, signed),
        'content-length': chosen.size,
      })
      response.end()
      return
    }
    if (stat.compressed !== undefined && chosen.encoding === undefined) accepted = []
  }
  let file = await open(context, request, response, key, accepted)
  if (file !== undefined && mayBeInline(file.stat, signed) && !holdsProof(file)) {
    if (verdicts.known(file.stat) === undefined) {
      // Closed first: requests that hold one connection to the store while they wait for a second can end up all
      // waiting for each other.
      await file.close()
      await verdicts.ofFile(file.stat)
      file = await open(context, request, response, key, accepted)
    }
  }
  if (file !== undefined) await answerFile(context, request, response, file, signed)
}

/** What the file proves to be; of an archived one, which can be told of and not read, nothing. */
async function provenOf(verdicts: Context['verdicts'], stat: FileStat): Promise<string | undefined> {
  try {
    return await verdicts.ofFile(stat)
  } catch (error) {
    if (StorageError.is(error, 'ARCHIVED')) return undefined
    throw error
  }
}

async function answerFile(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  file: OpenedFile,
  signed: SignedAccess | undefined,
): Promise<void> {
  const { stat, range } = file
  const sent = representationOf(file)
  const close = (): Promise<void> => file.close().catch(() => {})
  // A client that goes away frees what the store holds for it, even while the store is still thinking.
  response.once('close', close)
  try {
    if (answerConditions(context, request, response, stat, sent)) return
    const chunks = file[Symbol.asyncIterator]()
    const first: Uint8Array[] = []
    let proven: string | undefined
    if (mayBeInline(stat, signed)) {
      proven = holdsProof(file)
        ? await context.verdicts.ofBytes(stat, await readFirst(chunks, first))
        : context.verdicts.known(stat)?.proven
    }
    const headers = fileHeaders(context, response, stat, sent, proven, signed)
    const length = range === undefined ? sent.size : range.end - range.start + 1
    headers['content-length'] = length
    if (range !== undefined) headers['content-range'] = `bytes ${range.start}-${range.end}/${range.size}`
    const status = range === undefined ? 200 : 206
    await pumpBody(response, context.traffic, status, headers, first, chunks, length)
  } finally {
    await close()
  }
}

/** Whether the bytes that are about to be answered begin with those that prove the content type. */
function holdsProof({ stat, range, encoding }: OpenedFile): boolean {
  if (encoding !== undefined) return false
  return range === undefined || (range.start === 0 && range.end + 1 >= Math.min(stat.size, PROOF_BYTES))
}

/** Opens the file, or the part asked for where it is a part of the version that the client has (If-Range). */
async function open(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  key: Key,
  acceptEncodings: readonly Encoding[],
): Promise<OpenedFile | undefined> {
  const { storage } = context
  const range = parseRange(request.headers.range)
  if (range === undefined) {
    return acceptEncodings.length === 0 ? storage.openFile(key) : storage.openFile(key, { acceptEncodings })
  }
  const ifRange = request.headers['if-range']
  const condition = ifRange === undefined ? undefined : parseIfRange(String(ifRange))
  if (condition === 'never') return storage.openFile(key)
  try {
    const ifMatch = condition !== undefined && 'etag' in condition ? condition.etag : undefined
    const file = await storage.openFile(key, { range, ifMatch })
    if (condition === undefined || holdsIfRange(condition, file.stat)) return file
    await file.close()
  } catch (error) {
    if (StorageError.is(error, 'RANGE_NOT_SATISFIABLE')) {
      const stat = await storage.statFile(key)
      if (answerConditions(context, request, response, stat, stat)) return undefined
      if (condition === undefined || holdsIfRange(condition, stat)) {
        answerUnsatisfiable(context, request, response, error, stat)
        return undefined
      }
    } else if (condition === undefined || !StorageError.is(error, 'PRECONDITION_FAILED')) {
      throw error
    }
  }
  return storage.openFile(key)
}

/** Answers 304, or throws what is answered with 412, where the conditions ask for it. */
function answerConditions(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  stat: FileStat,
  chosen: Representation,
): boolean {
  const { lastModified } = stat
  const verdict = evaluateRead(request.headers, { etag: chosen.etag, lastModified })
  if (verdict === 'send') return false
  if (verdict === 'failed') {
    throw failed(request.headers['if-match'] === undefined ? 'If-Unmodified-Since' : 'If-Match')
  }
  response.writeHead(304, versionHeaders(context, response, stat, chosen))
  response.end()
  return true
}

/** RFC 9110, section 15.5.17: tells how long the file is. */
function answerUnsatisfiable(
  { settings }: Context,
  request: IncomingMessage,
  response: ServerResponse,
  error: StorageError,
  stat: FileStat,
): void {
  const headers = { 'content-range': `bytes */${stat.size}`, 'accept-ranges': 'bytes' }
  sendError(request, response, error, settings.logger, { headers })
}

/** Reads so much as a proof of the content type takes; `first` gets the chunks. */
async function readFirst(chunks: AsyncIterator<Uint8Array>, first: Uint8Array[]): Promise<Uint8Array> {
  let length = 0
  while (length < PROOF_BYTES) {
    const { done, value } = await chunks.next()
    if (done === true) break
    if (value.length === 0) continue
    first.push(value)
    length += value.length
  }
  const [only] = first
  const bytes = first.length === 1 && only !== undefined ? only : Buffer.concat(first)
  return bytes.subarray(0, PROOF_BYTES)
}

/** What a 304 repeats of a 200 (RFC 9110, section 15.4.5). */
function versionHeaders(
  { settings }: Context,
  response: ServerResponse,
  stat: FileStat,
  sent: Representation,
): OutgoingHttpHeaders {
  return {
    etag: quoteEtag(sent.etag),
    'last-modified': stat.lastModified.toUTCString(),
    'cache-control': cacheControlOf(stat, Date.now()),
    'cross-origin-resource-policy': settings.crossOriginResourcePolicy,
    'x-content-type-options': 'nosniff',
    // RFC 8594: when the file is expected to be gone.
    ...(stat.expiresAt !== undefined && { sunset: stat.expiresAt.toUTCString() }),
    // RFC 9111, section 5.1: seconds since the object store was last heard to have it.
    ...(stat.compressed !== undefined && { vary: varyBy(response, 'Accept-Encoding') }),
    ...(stat.confirmedAt !== undefined && { age: `${secondsSince(stat.confirmedAt)}` }),
  }
}

/** The request headers that the answer depends on (RFC 9110, section 12.5.5), with those that are named already. */
function varyBy(response: ServerResponse, name: string): string {
  const before = response.getHeader('vary')
  return before === undefined ? name : `${before}, ${name}`
}

function secondsSince(date: Date): number {
  return Math.max(0, Math.round((Date.now() - date.getTime()) / 1000))
}

function fileHeaders(
  context: Context,
  response: ServerResponse,
  stat: FileStat,
  sent: Representation,
  proven: string | undefined,
  signed: SignedAccess | undefined,
): OutgoingHttpHeaders {
  const presentation = present(stat, proven, signed)
  const headers: OutgoingHttpHeaders = {
    'content-type': presentation.contentType,
    'content-disposition': presentation.contentDisposition,
    'content-security-policy': presentation.contentSecurityPolicy,
    'referrer-policy': 'no-referrer',
    'accept-ranges': 'bytes',
    ...versionHeaders(context, response, stat, sent),
    ...metadataHeaders(stat),
  }
  const encoding = sent.encoding ?? stat.contentEncoding
  if (encoding !== undefined) headers['content-encoding'] = encoding
  if (stat.versionId !== undefined) headers['x-holdfast-version-id'] = stat.versionId
  if (sent.sha256 !== undefined) {
    // Of the whole representation, in a 206 too (RFC 9530, section 3).
    headers['repr-digest'] = `sha-256=:${Buffer.from(sent.sha256, 'hex').toString('base64')}:`
  }
  return headers
}
