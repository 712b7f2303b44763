import { createHash, type Hash, randomUUID } from 'node:crypto'
import type { Attributes } from '../../core/attributes.js'
import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Source } from '../../core/source.js'
import type { ObjectStat, OperationOptions, PutOptions } from '../../core/store.js'
import { settleCondition } from './conditions.js'
import type { S3Context } from './context.js'
import { outcomeOf, s3CodeOf, unprovenAnswer, wrongSha256 } from './errors.js'
import { headObject } from './head.js'
import { type OwnMetadata, objectHeaders, writtenStat } from './metadata.js'
import { formatPartPlan, MAX_OBJECT_BYTES, MAX_PARTS, type PartPlan, partBytes } from './parts.js'
import { keyPath, readFields, readWritten, type Written, written } from './requests.js'
import { canonicalQuery, sha256Hex } from './sigv4.js'
import { setTags } from './tags.js'
import type { PendingUpload } from './upload-log.js'
import { escapeXml } from './xml.js'

/** The beginning of content that is too large for one request. */
export interface MultipartStart {
  readonly plan: PartPlan
  readonly first: Buffer
  /** Not empty. */
  readonly second: Buffer
  /** Headers for the completing request. */
  readonly conditions: readonly string[] | undefined
}

/**
 * Writes an object in parts (S3 API, "Multipart upload overview"). Each part is signed with its SHA-256 and
 * repeated alone; `concurrency` parts are under way while the next is read. The object appears when the upload
 * completes; on any failure the upload is aborted.
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
    writeId: options.writeId ?? randomUUID(),
    stamp: options.stamp ?? context.nextStamp(),
    sha256: options.sha256,
    parts: formatPartPlan(start.plan),
  }
  const headers = await objectHeaders(context, attributes, own)
  return withUpload(context, key, headers, options.signal, async uploadId => {
    const hash = createHash('sha256')
    const sent = await sendParts(context, key, source, options, start, uploadId, hash)
    const sha256 = hash.digest('hex')
    if (options.sha256 !== undefined && options.sha256 !== sha256) {
      throw wrongSha256(key, sha256, options.sha256)
    }
    try {
      const upload = { op: 'put', key, uploadId, options }
      const written = await complete(context, upload, sent.etags, start.conditions)
      await tagCompleted(context, key, attributes, options)
      return writtenStat(key, attributes, own, { ...written, size: sent.size, sha256 })
    } catch (error) {
      return settleComplete(context, key, own.writeId, error, options)
    }
  })
}

/**
 * Begins an upload, runs `work` with its id, and aborts it if that fails. The upload is in the log from before
 * the first part until it is completed or known to be aborted.
 */
export async function withUpload<T>(
  context: S3Context,
  key: Key,
  headers: readonly string[],
  signal: AbortSignal | undefined,
  work: (uploadId: string) => Promise<T>,
  op = 'put',
): Promise<T> {
  const uploadId = await create(context, op, key, headers, signal)
  const upload = { uploadId, key, bucket: context.client.bucket, endpoint: context.client.address.origin }
  let result: T
  try {
    await context.uploads?.begin(upload)
    result = await work(uploadId)
  } catch (error) {
    await giveUp(context, upload)
    throw error
  }
  // The object is there: what an entry left in the log costs is one needless abort later.
  await context.uploads?.end(uploadId).catch((error: unknown) => {
    context.logger.warn(
      { err: error, ...upload },
      'A completed multipart upload could not be taken off the log.',
    )
  })
  return result
}

async function create(
  context: S3Context,
  op: string,
  key: Key,
  headers: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const call = {
    op,
    key,
    method: 'POST',
    path: keyPath(context.client, key),
    query: 'uploads=',
    headers,
    signal,
  } as const
  return context.client.send(call, answer => {
    const { UploadId: id } = readFields(call, answer, 'InitiateMultipartUploadResult')
    if (!id) throw unprovenAnswer(call, answer.status, 'it has no UploadId')
    return id
  })
}

/** Sends all parts; at most `concurrency` are under way. @returns the ETags in order, and the bytes in all */
async function sendParts(
  context: S3Context,
  key: Key,
  source: Source,
  options: PutOptions,
  start: MultipartStart,
  uploadId: string,
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
  let bytesUnderWay = 0
  const acknowledge = (): void => {
    let end = ends.get(acknowledged + 1)
    while (end !== undefined && !underWay.has(acknowledged + 1)) {
      source.release(end)
      ends.delete(++acknowledged)
      end = ends.get(acknowledged + 1)
    }
  }
  try {
    let part = start.first
    let number = 1
    for (;;) {
      hash.update(part)
      offset += part.length
      bytesUnderWay += part.length
      const [thisNumber, bytes] = [number, part]
      ends.set(thisNumber, offset)
      underWay.set(
        thisNumber,
        sendPart(context, key, uploadId, thisNumber, bytes, signal).then(
          etag => {
            etags[thisNumber - 1] = etag
            underWay.delete(thisNumber)
            bytesUnderWay -= bytes.length
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
      // Parts that are larger than configured, as a huge object needs, share the memory of those that are not.
      const room = Math.max(next, context.partSize * context.concurrency)
      while (underWay.size >= context.concurrency || (underWay.size > 0 && bytesUnderWay + next > room)) {
        await Promise.race(underWay.values())
      }
      if (failure !== undefined) throw failure.error
      part = number === 2 ? start.second : await source.read(offset, next)
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

/**
 * Completes an upload (S3 API, "CompleteMultipartUpload"). It may take long, and may fail with a status of 200:
 * only a result document with an ETag is a success.
 */
export async function complete(
  context: S3Context,
  upload: { op: string; key: Key; uploadId: string; options: { readonly signal?: AbortSignal | undefined } },
  etags: readonly string[],
  conditions: readonly string[] | undefined,
): Promise<Written> {
  const parts = etags.map(
    (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>&quot;${escapeXml(etag)}&quot;</ETag></Part>`,
  )
  const body = Buffer.from(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
  )
  const call = {
    op: upload.op,
    key: upload.key,
    method: 'POST',
    path: keyPath(context.client, upload.key),
    query: canonicalQuery([['uploadId', upload.uploadId]]),
    headers: ['content-type', 'application/xml', ...(conditions ?? [])],
    body,
    payloadHash: sha256Hex(body),
    signal: upload.options.signal,
    slow: true,
  } as const
  return context.client.send(call, answer => {
    const { ETag: etag } = readFields(call, answer, 'CompleteMultipartUploadResult')
    if (!etag) throw unprovenAnswer(call, answer.status, 'it has no ETag')
    return written(answer, etag)
  })
}

/** Gives a completed object its tags, where the server has dropped those that the upload was begun with. */
export async function tagCompleted(
  context: S3Context,
  key: Key,
  { tags }: Attributes,
  { signal }: OperationOptions,
): Promise<void> {
  if (tags === undefined || Object.keys(tags).length === 0) return
  if (await context.profile.ask('multipartTags')) return
  await setTags(context.client, key, tags, { op: 'put', signal })
}

/**
 * Decides whether a completion whose answer was lost or is ambiguous took place: the object then carries our
 * write id. Otherwise the error stands.
 */
async function settleComplete(
  context: S3Context,
  key: Key,
  writeId: string,
  error: unknown,
  options: PutOptions,
): Promise<ObjectStat> {
  if (StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND')) {
    return settleCondition(context, key, writeId, error, options)
  }
  if (outcomeOf(error) === 'unknown' || s3CodeOf(error) === 'NoSuchUpload') {
    const stat = options.signal?.aborted ? undefined : await headObject(context, key).catch(() => undefined)
    if (stat?.writeId === writeId) return stat
  }
  throw error
}

/** Aborts an upload whose put has failed. Where that fails too, the log keeps it for {@link abortOrphans}. */
async function giveUp(context: S3Context, upload: PendingUpload): Promise<void> {
  try {
    await abortUpload(context, upload)
  } catch (error) {
    context.logger.warn(
      { err: error, ...upload },
      'A multipart upload could not be aborted; it is left for later.',
    )
  }
}

/** Aborts an upload (S3 API, "AbortMultipartUpload"); one that is gone is a success. */
async function abortUpload(context: S3Context, upload: PendingUpload): Promise<void> {
  const call = {
    op: 'abort',
    key: upload.key,
    method: 'DELETE',
    path: keyPath(context.client, upload.key as Key),
    query: canonicalQuery([['uploadId', upload.uploadId]]),
  } as const
  try {
    await context.client.send(call, answer => {
      if (answer.status !== 204) throw unprovenAnswer(call, answer.status, 'an abort is answered with 204')
    })
  } catch (error) {
    if (s3CodeOf(error) !== 'NoSuchUpload') throw error
  }
  await context.uploads?.end(upload.uploadId)
}

/**
 * Aborts the uploads that processes which are gone have left in the log. Those of another bucket or server are
 * left where they are.
 *
 * @returns how many were aborted, and how many could not be
 */
export async function abortOrphans(context: S3Context): Promise<{ aborted: number; failed: number }> {
  const { bucket, address } = context.client
  const result = { aborted: 0, failed: 0 }
  for (const upload of (await context.uploads?.orphans()) ?? []) {
    if (upload.bucket !== bucket || upload.endpoint !== address.origin) continue
    try {
      await abortUpload(context, upload)
      result.aborted++
    } catch (error) {
      result.failed++
      context.logger.warn({ err: error, ...upload }, 'An abandoned multipart upload could not be aborted.')
    }
  }
  return result
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
