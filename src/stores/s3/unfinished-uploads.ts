import type { Key } from '../../core/key.js'
import type { OperationOptions } from '../../core/store.js'
import type { S3Call } from './client.js'
import type { S3Context } from './context.js'
import { s3CodeOf, unprovenAnswer } from './errors.js'
import type { Answer } from './exchange.js'
import { unquote } from './metadata.js'
import { decodeUrl, keyPath, listingCall, readAnswer } from './requests.js'
import { canonicalQuery } from './sigv4.js'

/** A multipart upload that was begun, and neither completed nor ended. */
export interface UnfinishedUpload {
  readonly key: string
  readonly uploadId: string
  readonly begunAt: Date
}

interface Page {
  readonly items: readonly Readonly<Record<string, string>>[]
  /** What stands beside them. */
  readonly fields: Readonly<Record<string, string>>
}

/** All multipart uploads under way below a prefix, whoever has begun them (S3 API, "ListMultipartUploads"). */
export async function* listUnfinishedUploads(
  context: S3Context,
  prefix: string,
  { signal }: OperationOptions = {},
): AsyncGenerator<UnfinishedUpload, void, void> {
  for (let marker: [string, string][] = []; ; ) {
    // Not `encoding-type=url`: Ceph then encodes the keys, and does not say so as it does in other listings.
    const query: [string, string][] = [['uploads', ''], ...marker]
    if (prefix !== '') query.push(['prefix', prefix])
    const call = listingCall(context.client, query, signal)
    const { items, fields, encoded, status } = await context.client.send(call, answer => ({
      ...readPage(call, answer, 'ListMultipartUploadsResult', 'Upload'),
      encoded: answer.body.includes('<EncodingType>url<'),
      status: answer.status,
    }))
    const named = (name: string): string => (encoded ? (decodeUrl(name) ?? name) : name)
    for (const { Key: key = '', UploadId: uploadId, Initiated = '' } of items) {
      const begunAt = new Date(Initiated)
      if (!uploadId || Number.isNaN(begunAt.getTime()))
        throw unprovenAnswer(call, status, 'an upload has no UploadId or Initiated')
      yield { key: named(key), uploadId, begunAt }
    }
    if (fields['IsTruncated'] !== 'true') return
    const { NextKeyMarker: nextKey, NextUploadIdMarker: nextUpload } = fields
    if (!nextKey || !nextUpload) throw unprovenAnswer(call, status, 'it does not say where it goes on')
    marker = [
      ['key-marker', named(nextKey)],
      ['upload-id-marker', nextUpload],
    ]
  }
}

/** A part that the server has. */
export interface Part {
  readonly number: number
  readonly size: number
  readonly etag: string
}

/** How many bytes an unfinished upload holds; 0 if it has ended meanwhile. */
export async function bytesOfUpload(
  context: S3Context,
  upload: UnfinishedUpload,
  options: OperationOptions = {},
): Promise<number> {
  let bytes = 0
  try {
    for await (const { size } of partsOfUpload(context, upload, options)) bytes += size
    return bytes
  } catch (error) {
    if (s3CodeOf(error) === 'NoSuchUpload') return 0
    throw error
  }
}

/** What the server has of an unfinished upload (S3 API, "ListParts"). */
export async function* partsOfUpload(
  context: S3Context,
  { key, uploadId }: Pick<UnfinishedUpload, 'key' | 'uploadId'>,
  { signal }: OperationOptions = {},
): AsyncGenerator<Part, void, void> {
  for (let marker = ''; ; ) {
    const query: [string, string][] = [['uploadId', uploadId]]
    if (marker !== '') query.push(['part-number-marker', marker])
    const call = {
      op: 'list',
      method: 'GET',
      path: keyPath(context.client, key as Key),
      query: canonicalQuery(query),
      signal,
    } as const
    const read = (answer: Answer): Page => readPage(call, answer, 'ListPartsResult', 'Part')
    const { items, fields } = await context.client.send(call, read)
    for (const { PartNumber: number, Size: size = '0', ETag: etag = '' } of items) {
      yield { number: Number(number), size: Number(size), etag: unquote(etag) }
    }
    if (fields['IsTruncated'] !== 'true') return
    marker = fields['NextPartNumberMarker'] ?? ''
    if (marker === '') return
  }
}

function readPage(call: S3Call, answer: Answer, root: string, item: string): Page {
  const items: Record<string, string>[] = []
  const fields: Record<string, string> = {}
  let inner: Record<string, string> = {}
  readAnswer(
    call,
    answer,
    root,
    (name, text, depth) => {
      if (depth === 2) inner[name] = text
      else if (depth === 1 && name === item) items.push(inner)
      else if (depth === 1) fields[name] = text
    },
    (_, depth) => {
      if (depth === 1) inner = {}
    },
  )
  return { items, fields }
}
