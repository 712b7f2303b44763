import { createHash, type Hash } from 'node:crypto'
import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Source } from '../../core/source.js'
import type { ObjectStat, PutOptions } from '../../core/store.js'
import { newWriteId } from '../../core/write-id.js'
import { digestOfHeaders, etagIfThere, findBrokenOff } from './broken-off.js'
import type { S3Context } from './context.js'
import { wrongSha256 } from './errors.js'
import { type OwnMetadata, objectHeaders, writtenStat } from './metadata.js'
import { formatPartPlan, MAX_OBJECT_BYTES, MAX_PARTS, type PartPlan, partBytes } from './parts.js'
import { keyPath, readWritten } from './requests.js'
import { canonicalQuery, sha256Hex } from './sigv4.js'
import { complete, tagCompleted, type UploadStart, withUpload } from './uploads.js'

/** How content that is too large for one request is sent. */
export interface MultipartStart {
  readonly plan: PartPlan
  /** Headers for the completing request. */
  readonly conditions: readonly string[] | undefined
}

/**
 * Writes an object in parts (S3 API, "Multipart upload overview"). Each part is signed with its SHA-256 and
 * repeated alone; `concurrency` parts are under way while the next is read. The object appears when the upload
 * completes; on any failure the upload is aborted, unless the log keeps it to be gone on with.
 */
export async function putMultipart(
  context: S3Context,
  key: Key,
  source: Source,
  options: PutOptions,
  start: MultipartStart,
): Promise<ObjectStat> {
  const { attributes } = options
  const own: OwnMetadata = {
    writeId: options.writeId ?? newWriteId(options.attributes.expiresAt),
    stamp: options.stamp ?? context.nextStamp(),
    sha256: options.sha256,
    parts: formatPartPlan(start.plan),
  }
  const { signal } = options
  const headers = await objectHeaders(context, attributes, own)
  const carries = context.uploads?.brokenOff && digestOfHeaders(headers, own.writeId)
  const earlier = carries === undefined ? undefined : await findBrokenOff(context, key, carries, signal)
  const writeId = earlier?.writeId ?? own.writeId
  const begin: UploadStart = {
    op: 'put',
    headers,
    signal,
    earlier: earlier?.upload,
    ...(carries !== undefined && { again: { writeId, carries } }),
  }
  return withUpload(context, key, begin, async uploadId => {
    const hash = createHash('sha256')
    const send: SendPart = (number, bytes, partSignal) =>
      (earlier && etagIfThere(earlier, number, bytes)) ??
      sendPart(context, key, uploadId, number, bytes, partSignal)
    const sent = await sendParts(context, key, source, options, start, send, hash)
    const sha256 = hash.digest('hex')
    if (options.sha256 !== undefined && options.sha256 !== sha256) {
      throw wrongSha256(key, sha256, options.sha256)
    }
    const upload = { op: 'put', key, uploadId, writeId, options }
    const written = await complete(context, upload, sent.etags, start.conditions)
    await tagCompleted(context, key, attributes, options)
    return writtenStat(key, attributes, { ...own, writeId }, { ...written, size: sent.size, sha256 })
  })
}

/** Sees to it that the server has a part. @returns its ETag */
type SendPart = (number: number, bytes: Buffer, signal: AbortSignal) => Promise<string> | string

/** Sends all parts; at most `concurrency` are under way. @returns the ETags in order, and the bytes in all */
async function sendParts(
  context: S3Context,
  key: Key,
  source: Source,
  options: PutOptions,
  start: MultipartStart,
  send: SendPart,
  hash: Hash,
): Promise<{ etags: string[]; size: number }> {
  const { plan } = start
  const etags: string[] = []
  /** Parts under way, and the end offsets of those that are. */
  const underWay = new Map<number, Promise<void>>()
  const ends = new Map<number, number>()
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  let failure: { error: unknown } | undefined
  let acknowledged = 0
  let offset = 0
  let released = 0
  const acknowledge = (): void => {
    let end = ends.get(acknowledged + 1)
    while (end !== undefined && !underWay.has(acknowledged + 1)) {
      source.release(end)
      released = end
      ends.delete(++acknowledged)
      end = ends.get(acknowledged + 1)
    }
  }
  try {
    let part = await source.read(0, plan.first)
    let number = 1
    for (;;) {
      hash.update(part)
      offset += part.length
      const [thisNumber, bytes] = [number, part]
      ends.set(thisNumber, offset)
      underWay.set(
        thisNumber,
        Promise.resolve(send(thisNumber, bytes, signal)).then(
          etag => {
            etags[thisNumber - 1] = etag
            underWay.delete(thisNumber)
            acknowledge()
          },
          (error: unknown) => {
            failure ??= { error }
            underWay.delete(thisNumber)
            stop.abort()
          },
        ),
      )
      number++
      if (source.size !== undefined && offset === source.size) break
      const next = partBytes(plan, number)
      // What a stream remembers begins at the oldest part under way: others do not run ahead of it. Parts that are
      // larger than configured, as a huge object needs, share the memory of those that are not.
      const room = Math.max(next, context.partSize * context.concurrency)
      while (underWay.size >= context.concurrency || (underWay.size > 0 && offset - released + next > room)) {
        await Promise.race(underWay.values())
      }
      if (failure !== undefined) throw failure.error
      part = await source.read(offset, next)
      if (part.length === 0) break
      if (number > MAX_PARTS || offset + part.length > MAX_OBJECT_BYTES) throw tooManyParts(key)
    }
    await Promise.all(underWay.values())
    if (failure !== undefined) throw failure.error
    return { etags, size: offset }
  } finally {
    stop.abort()
    await Promise.all(underWay.values())
  }
}

async function sendPart(
  context: S3Context,
  key: Key,
  uploadId: string,
  number: number,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<string> {
  const call = {
    op: 'put',
    key,
    method: 'PUT',
    path: keyPath(context.client, key),
    query: canonicalQuery([
      ['partNumber', String(number)],
      ['uploadId', uploadId],
    ]),
    body: bytes,
    payloadHash: sha256Hex(bytes),
    signal,
  } as const
  return context.client.send(call, answer => readWritten(call, answer).etag)
}

function tooManyParts(key: Key): StorageError {
  return new StorageError({
    code: 'TOO_LARGE',
    op: 'put',
    key,
    store: 's3',
    message: `The content has more than the ${MAX_OBJECT_BYTES} bytes that S3 takes.`,
  })
}
