import { randomUUID } from 'node:crypto'
import type { Attributes } from '../../core/attributes.js'
import { encodeKey, type Key } from '../../core/key.js'
import { openSource } from '../../core/source.js'
import type { CopyOptions, ObjectStat } from '../../core/store.js'
import { conditionFailed } from './conditions.js'
import type { S3Context } from './context.js'
import { unprovenAnswer } from './errors.js'
import { formatEtag } from './etag.js'
import { getObject } from './get.js'
import { headStored } from './head.js'
import { attributesOf, type OwnMetadata, objectHeaders, type StoredObject, writtenStat } from './metadata.js'
import { complete, tagCompleted, withUpload } from './multipart.js'
import { formatPartPlan, MAX_PART_BYTES, type PartPlan, partBytes, planParts } from './parts.js'
import { putObject } from './put.js'
import { keyPath, readFields, type Written, written } from './requests.js'
import { canonicalQuery } from './sigv4.js'
import { setTags, tagsToCopy } from './tags.js'

/** The largest object that one CopyObject takes (S3 API, "CopyObject"). */
const MAX_COPY_BYTES = 5 * 1024 ** 3

/**
 * Copies an object under a new write id. The store does it by itself (S3 API, "CopyObject", "UploadPartCopy"); a
 * condition on the copy, or one on the source that this server ignores, makes the bytes pass through here
 * instead, where both can be kept.
 */
export async function copyObject(
  context: S3Context,
  from: Key,
  to: Key,
  options: CopyOptions = {},
): Promise<ObjectStat> {
  const source = await headStored(context, from, options, 'copy')
  const { sourceIfMatch, ifMatch, ifNoneMatch } = options
  if (sourceIfMatch !== undefined && source.stat.etag !== sourceIfMatch) throw conditionFailed('copy', from)
  if (ifMatch !== undefined || ifNoneMatch !== undefined)
    return passThrough(context, from, to, options, source)
  const conditions: string[] = []
  // The source is the one whose attributes were read, or there is no copy.
  const style = sourceIfMatch === undefined ? 'quoted' : await context.profile.ask('copySourceIfMatch')
  if (style === false) return passThrough(context, from, to, options, source)
  if (sourceIfMatch !== undefined) {
    conditions.push('x-amz-copy-source-if-match', formatEtag(sourceIfMatch, style))
  }
  return source.stat.size > MAX_COPY_BYTES
    ? copyParts(context, from, to, options, source, conditions)
    : copyWhole(context, from, to, options, source, conditions)
}

async function copyWhole(
  context: S3Context,
  from: Key,
  to: Key,
  options: CopyOptions,
  source: StoredObject,
  conditions: readonly string[],
): Promise<ObjectStat> {
  const copiesTags = await context.profile.ask('copiesTags')
  const attributes = copiesTags
    ? (options.attributes ?? attributesOf(source.stat))
    : await copiedAttributes(context, from, options, source)
  const own = newMetadata(context, source, source.parts)
  const headers = await objectHeaders(context, attributes, own)
  const call = {
    op: 'copy',
    key: to,
    method: 'PUT',
    path: keyPath(context.client, to),
    headers: [
      ...headers,
      ...conditions,
      'x-amz-copy-source',
      sourcePath(context, from),
      'x-amz-metadata-directive',
      'REPLACE',
      ...(attributes.tags === undefined ? [] : ['x-amz-tagging-directive', 'REPLACE']),
    ],
    signal: options.signal,
    slow: true,
  } as const
  const copied = await context.client.send(call, answer => {
    const { ETag: etag } = readFields(call, answer, 'CopyObjectResult')
    if (!etag) throw unprovenAnswer(call, answer.status, 'it has no ETag')
    return written(answer, etag)
  })
  if (!copiesTags && attributes.tags !== undefined) {
    await setTags(context.client, to, attributes.tags, { op: 'copy', signal: options.signal })
  }
  return copiedStat(to, attributes, own, source, copied)
}

async function copyParts(
  context: S3Context,
  from: Key,
  to: Key,
  options: CopyOptions,
  source: StoredObject,
  conditions: readonly string[],
): Promise<ObjectStat> {
  const attributes = options.attributes ?? source.stat
  const { size } = source.stat
  const plan = planParts(size, Math.max(context.partSize, COPY_PART_BYTES))
  const own = newMetadata(context, source, formatPartPlan(plan))
  const headers = await objectHeaders(context, attributes, own)
  const work = async (uploadId: string): Promise<Written> => {
    const etags = await copyRanges(context, from, to, {
      plan,
      size,
      uploadId,
      conditions,
      signal: options.signal,
    })
    const copied = await complete(context, { op: 'copy', key: to, uploadId, options }, etags, undefined)
    await tagCompleted(context, to, attributes, options)
    return copied
  }
  const copied = await withUpload(context, to, headers, options.signal, work, 'copy')
  return copiedStat(to, attributes, own, source, copied)
}

/** No byte passes through here, so parts can be large. */
const COPY_PART_BYTES = 512 * 1024 * 1024

interface PartCopies {
  readonly plan: PartPlan
  readonly size: number
  readonly uploadId: string
  readonly conditions: readonly string[]
  readonly signal: AbortSignal | undefined
}

async function copyRanges(context: S3Context, from: Key, to: Key, copies: PartCopies): Promise<string[]> {
  const bytes = Math.min(partBytes(copies.plan, 1), MAX_PART_BYTES)
  const count = Math.ceil(copies.size / bytes)
  const etags: string[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      etags[index] = await copyRange(context, from, to, copies, index, bytes)
    }
  }
  const workers = Array.from({ length: Math.min(context.concurrency, count) }, worker)
  const results = await Promise.allSettled(workers)
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return etags
}

async function copyRange(
  context: S3Context,
  from: Key,
  to: Key,
  copies: PartCopies,
  index: number,
  bytes: number,
): Promise<string> {
  const start = index * bytes
  const end = Math.min(start + bytes, copies.size) - 1
  const call = {
    op: 'copy',
    key: to,
    method: 'PUT',
    path: keyPath(context.client, to),
    query: canonicalQuery([
      ['partNumber', String(index + 1)],
      ['uploadId', copies.uploadId],
    ]),
    headers: [
      ...copies.conditions,
      'x-amz-copy-source',
      sourcePath(context, from),
      'x-amz-copy-source-range',
      `bytes=${start}-${end}`,
    ],
    signal: copies.signal,
    slow: true,
  } as const
  return context.client.send(call, answer => {
    const { ETag: etag } = readFields(call, answer, 'CopyPartResult')
    if (!etag) throw unprovenAnswer(call, answer.status, 'it has no ETag')
    return written(answer, etag).etag
  })
}

/** Reads the object and writes it anew: the bytes are checked on their way, and both conditions are kept. */
async function passThrough(
  context: S3Context,
  from: Key,
  to: Key,
  options: CopyOptions,
  head: StoredObject,
): Promise<ObjectStat> {
  const { signal, sourceIfMatch, ifMatch, ifNoneMatch } = options
  const opened = await getObject(context, from, { signal, ifMatch: sourceIfMatch ?? head.stat.etag })
  const source = await openSource(opened.body, { size: opened.stat.size, signal })
  try {
    const { sha256 } = opened.stat
    const attributes = await copiedAttributes(context, from, options, head)
    return await putObject(context, to, source, { attributes, sha256, signal, ifMatch, ifNoneMatch })
  } finally {
    await source.close()
    await opened.body.close()
  }
}

function newMetadata(context: S3Context, source: StoredObject, parts: string | undefined): OwnMetadata {
  return { writeId: randomUUID(), stamp: context.nextStamp(), sha256: source.stat.sha256, parts }
}

function copiedStat(
  to: Key,
  attributes: Attributes,
  own: OwnMetadata,
  source: StoredObject,
  copied: Written,
): ObjectStat {
  return writtenStat(to, attributes, own, { ...copied, size: source.stat.size })
}

/** What the copy carries. Tags that are not given are the source's, as CopyObject has it by itself. */
async function copiedAttributes(
  context: S3Context,
  from: Key,
  options: CopyOptions,
  source: StoredObject,
): Promise<Attributes> {
  const attributes = options.attributes ?? attributesOf(source.stat)
  if (attributes.tags !== undefined) return attributes
  const tags = await tagsToCopy(context, from, source, options.signal)
  return tags === undefined ? attributes : { ...attributes, tags }
}

function sourcePath(context: S3Context, from: Key): string {
  return `/${context.client.bucket}/${encodeKey(from)}`
}
