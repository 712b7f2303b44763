import type { Attributes } from '../../core/attributes.js'
import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { Condition, ObjectStat, OperationOptions } from '../../core/store.js'
import { settleCondition } from './conditions.js'
import type { S3Context } from './context.js'
import { outcomeOf, s3CodeOf, unprovenAnswer } from './errors.js'
import { headObject } from './head.js'
import { keyPath, readFields, type Written, written } from './requests.js'
import { canonicalQuery, sha256Hex } from './sigv4.js'
import { setTags } from './tags.js'
import type { PendingUpload } from './upload-log.js'
import { escapeXml } from './xml.js'

/** How an upload is begun. */
export interface UploadStart {
  readonly op: string
  readonly headers: readonly string[]
  readonly signal: AbortSignal | undefined
  /** What whoever goes on with it must find the same. */
  readonly again?: Required<Pick<PendingUpload, 'writeId' | 'carries'>>
  /** One that was begun before, and is gone on with. */
  readonly earlier?: PendingUpload | undefined
}

/**
 * Begins an upload, runs `work` with its id, and aborts it if that fails. The upload is in the log from before
 * the first part until it is completed or known to be aborted.
 */
export async function withUpload<T>(
  context: S3Context,
  key: Key,
  { op, headers, signal, again, earlier }: UploadStart,
  work: (uploadId: string) => Promise<T>,
): Promise<T> {
  const { bucket, address } = context.client
  const uploadId = earlier?.uploadId ?? (await create(context, op, key, headers, signal))
  const upload = earlier ?? { uploadId, key, bucket, endpoint: address.origin, ...again }
  let result: T
  try {
    await context.uploads?.begin(upload).catch((cause: unknown) => {
      throw StorageError.is(cause) ? cause : logFailed(op, key, cause)
    })
    result = await work(uploadId)
  } catch (error) {
    if (isKept(context, upload, error)) context.uploads?.abandon?.(upload)
    else await giveUp(context, upload)
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

/** Whether the same put may come again and go on with its upload. */
function isKept({ uploads }: S3Context, { carries }: PendingUpload, error: unknown): boolean {
  if (uploads?.brokenOff === undefined || carries === undefined || !StorageError.is(error)) return false
  return error.retryable || error.code === 'ABORTED'
}

function logFailed(op: string, key: Key, cause: unknown): StorageError {
  return new StorageError({
    code: 'INTERNAL',
    op,
    key,
    store: 's3',
    message: 'The multipart upload could not be noted, and was given up.',
    cause,
  })
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

/** An upload whose parts are all there. */
export interface FinishedUpload {
  readonly op: string
  readonly key: Key
  readonly uploadId: string
  /** In the metadata that it was begun with. */
  readonly writeId: string
  readonly options: Condition & OperationOptions
}

/**
 * Completes an upload (S3 API, "CompleteMultipartUpload"). It may take long, and may fail with a status of 200:
 * only a result document with an ETag is a success. Where the answer was lost or leaves it open, the object
 * decides: it carries our write id, or the error stands.
 *
 * @param conditions headers that put `upload.options` in the words of the server
 */
export async function complete(
  context: S3Context,
  upload: FinishedUpload,
  etags: readonly string[],
  conditions: readonly string[] | undefined,
): Promise<Written> {
  try {
    return await sendCompletion(context, upload, etags, conditions)
  } catch (error) {
    const { etag, lastModified, versionId } = await settleCompletion(context, upload, error)
    return { etag, time: lastModified.getTime(), versionId }
  }
}

async function sendCompletion(
  context: S3Context,
  upload: FinishedUpload,
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
    mutates: true,
    slow: true,
  } as const
  const { etag, answer } = await context.client.send(call, answer => ({
    etag: readFields(call, answer, 'CompleteMultipartUploadResult')['ETag'],
    answer,
  }))
  // Ceph's answer in a versioned bucket.
  if (!etag) throw unprovenAnswer(call, answer.status, 'it has no ETag')
  return written(answer, etag)
}

async function settleCompletion(
  context: S3Context,
  { key, writeId, options }: FinishedUpload,
  error: unknown,
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

/** A put that has failed waits no longer than this for its upload to be aborted. */
const GIVE_UP_MS = 3_000

/** Aborts an upload whose put has failed. Where that fails too, the log keeps it for {@link abortOrphans}. */
async function giveUp(context: S3Context, upload: PendingUpload): Promise<void> {
  try {
    await endUpload(context, upload, { totalMs: GIVE_UP_MS })
  } catch (error) {
    context.uploads?.abandon?.(upload)
    context.logger.warn(
      { err: error, ...upload },
      'A multipart upload could not be aborted; it is left for later.',
    )
  }
}

/** Ends an upload (S3 API, "AbortMultipartUpload"); one that is gone is a success. */
export async function endUpload(
  context: S3Context,
  upload: Pick<PendingUpload, 'key' | 'uploadId'>,
  { signal, totalMs }: OperationOptions & { readonly totalMs?: number } = {},
): Promise<void> {
  const call = {
    op: 'abort',
    key: upload.key,
    method: 'DELETE',
    path: keyPath(context.client, upload.key as Key),
    query: canonicalQuery([['uploadId', upload.uploadId]]),
    signal,
    ...(totalMs !== undefined && { totalMs }),
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
 * Aborts the uploads in the log that nobody completes. Those of another bucket or server are
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
      await endUpload(context, upload)
      result.aborted++
    } catch (error) {
      result.failed++
      context.logger.warn({ err: error, ...upload }, 'An abandoned multipart upload could not be aborted.')
    }
  }
  return result
}
