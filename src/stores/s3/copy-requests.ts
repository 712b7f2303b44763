import type { Attributes } from '../../core/attributes.js'
import { encodeKey, type Key } from '../../core/key.js'
import type { Condition, ObjectStat, OperationOptions } from '../../core/store.js'
import { newWriteId } from '../../core/write-id.js'
import { settleCondition } from './conditions.js'
import type { S3Context } from './context.js'
import { unprovenAnswer } from './errors.js'
import { type OwnMetadata, objectHeaders, type StoredObject, writtenStat } from './metadata.js'
import { formatPartPlan, partBytes, planParts } from './parts.js'
import { keyPath, readFields, type Written, written } from './requests.js'
import { canonicalQuery } from './sigv4.js'
import { setTags } from './tags.js'
import { complete, tagCompleted, withUpload } from './uploads.js'

/** A copy that the store makes by itself. */
export interface ServerCopy {
  readonly context: S3Context
  readonly from: Key
  readonly to: Key
  readonly source: StoredObject
  readonly attributes: Attributes
  /** Headers that make it a copy of the source that was looked at, or none. */
  readonly conditions: readonly string[]
  /** Whether tags must be set by a request of their own. */
  readonly setsTags: boolean
  readonly writeId: string | undefined
  /** What is asked of the object that the copy replaces: as the caller says it, and as headers for the server. */
  readonly condition: Condition & OperationOptions
  readonly conditionHeaders: readonly string[] | undefined
  readonly signal: AbortSignal | undefined
}

/** Parts being copied at once: no byte of them passes through here. */
const COPIES_UNDER_WAY = 8

/** Copies an object in one request (S3 API, "CopyObject"). */
export async function copyWhole(copy: ServerCopy): Promise<ObjectStat> {
  const { context, to, source, attributes, signal } = copy
  const own = newMetadata(copy, source.parts)
  const call = {
    op: 'copy',
    key: to,
    method: 'PUT',
    path: keyPath(context.client, to),
    headers: [
      ...(await objectHeaders(context, attributes, own)),
      ...sourceHeaders(copy),
      'x-amz-metadata-directive',
      'REPLACE',
      ...(attributes.tags === undefined ? [] : ['x-amz-tagging-directive', 'REPLACE']),
      ...(copy.conditionHeaders ?? []),
    ],
    signal,
    mutates: true,
    slow: true,
  } as const
  let copied: Written
  try {
    copied = await context.client.send(call, answer => {
      const { ETag: etag } = readFields(call, answer, 'CopyObjectResult')
      if (!etag) throw unprovenAnswer(call, answer.status, 'it has no ETag')
      return written(answer, etag)
    })
  } catch (error) {
    if (copy.conditionHeaders === undefined) throw error
    const { etag, lastModified, versionId } = await settleCondition(
      context,
      to,
      own.writeId,
      error,
      copy.condition,
    )
    copied = { etag, time: lastModified.getTime(), versionId }
  }
  if (copy.setsTags && attributes.tags !== undefined) {
    await setTags(context.client, to, attributes.tags, { op: 'copy', signal })
  }
  return writtenStat(to, attributes, own, { ...copied, size: source.stat.size })
}

/** Copies an object that is too large for one request, in ranges (S3 API, "UploadPartCopy"). */
export async function copyParts(copy: ServerCopy): Promise<ObjectStat> {
  const { context, to, attributes, signal } = copy
  const { size } = copy.source.stat
  const plan = planParts(size, context.copyLimits.partBytes)
  const own = newMetadata(copy, formatPartPlan(plan))
  const headers = await objectHeaders(context, attributes, own)
  const work = async (uploadId: string): Promise<Written> => {
    const etags = await copyRanges(copy, uploadId, partBytes(plan, 1))
    const upload = { op: 'copy', key: to, uploadId, writeId: own.writeId, options: copy.condition }
    const copied = await complete(context, upload, etags, copy.conditionHeaders)
    await tagCompleted(context, to, attributes, { signal })
    return copied
  }
  const copied = await withUpload(context, to, { op: 'copy', headers, signal }, work)
  return writtenStat(to, attributes, own, { ...copied, size })
}

async function copyRanges(copy: ServerCopy, uploadId: string, bytes: number): Promise<string[]> {
  const count = Math.ceil(copy.source.stat.size / bytes)
  const etags: string[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      try {
        etags[index] = await copyRange(copy, uploadId, index, bytes)
      } catch (error) {
        next = count
        throw error
      }
    }
  }
  // All have ended before the upload may be aborted.
  const workers = Array.from({ length: Math.min(COPIES_UNDER_WAY, count) }, worker)
  for (const result of await Promise.allSettled(workers)) {
    if (result.status === 'rejected') throw result.reason
  }
  return etags
}

async function copyRange(copy: ServerCopy, uploadId: string, index: number, bytes: number): Promise<string> {
  const { context, to, source, signal } = copy
  const start = index * bytes
  const end = Math.min(start + bytes, source.stat.size) - 1
  const call = {
    op: 'copy',
    key: to,
    method: 'PUT',
    path: keyPath(context.client, to),
    query: canonicalQuery([
      ['partNumber', String(index + 1)],
      ['uploadId', uploadId],
    ]),
    headers: [...sourceHeaders(copy), 'x-amz-copy-source-range', `bytes=${start}-${end}`],
    signal,
    slow: true,
  } as const
  return context.client.send(call, answer => {
    const { ETag: etag } = readFields(call, answer, 'CopyPartResult')
    if (!etag) throw unprovenAnswer(call, answer.status, 'it has no ETag')
    return written(answer, etag).etag
  })
}

function sourceHeaders({ context, from, conditions }: ServerCopy): string[] {
  return [...conditions, 'x-amz-copy-source', `/${context.client.bucket}/${encodeKey(from)}`]
}

/** A copy is a write of its own; what it holds is the source's. */
function newMetadata(
  { context, source, attributes, writeId = newWriteId(attributes.expiresAt) }: ServerCopy,
  parts: string | undefined,
): OwnMetadata {
  return { writeId, stamp: context.nextStamp(), sha256: source.stat.sha256, parts }
}
