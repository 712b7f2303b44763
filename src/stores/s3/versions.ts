import type { Key } from '../../core/key.js'
import type { OperationOptions } from '../../core/store.js'
import type { S3Call } from './client.js'
import type { S3Context } from './context.js'
import { unprovenAnswer } from './errors.js'
import { readStoredObject, unquote } from './metadata.js'
import { keyPath, readAnswer } from './requests.js'
import { canonicalQuery } from './sigv4.js'

/** One version of an object, or a delete marker, in a bucket that keeps them. */
export interface ObjectVersion {
  readonly versionId: string
  readonly isLatest: boolean
  /** A marker has neither bytes nor an ETag. */
  readonly isDeleteMarker: boolean
  readonly etag: string
  readonly size: number
}

/** S3's largest page. */
const MAX_VERSIONS = 1000

/** The newest versions of one object, up to 1000, the newest first (S3 API, "ListObjectVersions"). */
export async function listVersions(
  context: S3Context,
  key: Key,
  options: OperationOptions = {},
): Promise<ObjectVersion[]> {
  const call: S3Call = {
    op: 'list',
    key,
    method: 'GET',
    path: context.client.address.bucketPath,
    query: canonicalQuery([
      ['versions', ''],
      ['prefix', key],
      ['max-keys', String(MAX_VERSIONS)],
      ['encoding-type', 'url'],
    ]),
    signal: options.signal,
  }
  return context.client.send(call, answer => {
    const versions: ObjectVersion[] = []
    const encoded = answer.body.includes('<EncodingType>url<')
    let fields: Record<string, string> = {}
    readAnswer(
      call,
      answer,
      'ListVersionsResult',
      (element, text, depth) => {
        if (depth === 2) fields[element] = text
        else if (depth === 1 && (element === 'Version' || element === 'DeleteMarker')) {
          const { Key: name = '', VersionId, IsLatest, ETag = '', Size = '0' } = fields
          // Keys that only begin with this one come after it.
          if ((encoded ? decodeURIComponent(name.replaceAll('+', ' ')) : name) !== key) return
          if (!VersionId) throw unprovenAnswer(call, answer.status, 'a version has no VersionId')
          versions.push({
            versionId: VersionId,
            isLatest: IsLatest === 'true',
            isDeleteMarker: element === 'DeleteMarker',
            etag: unquote(ETag),
            size: Number(Size),
          })
        }
      },
      (_, depth) => {
        if (depth === 1) fields = {}
      },
    )
    return versions
  })
}

/** Removes one version for good (S3 API, "DeleteObject" with `versionId`). */
export async function deleteVersion(
  context: S3Context,
  key: Key,
  versionId: string,
  options: OperationOptions = {},
): Promise<void> {
  const call = versionCall(context, 'DELETE', key, versionId, options)
  await context.client.send({ ...call, mutates: true }, answer => {
    if (answer.status !== 204) throw unprovenAnswer(call, answer.status, 'a delete is answered with 204')
  })
}

/**
 * Removes versions that are there twice because one write was carried out twice: an attempt without an answer, and
 * its repetition. Of each write the newest version stays, and so does every write.
 *
 * @returns how many were removed
 */
export async function removeSurplusVersions(
  context: S3Context,
  key: Key,
  options: OperationOptions = {},
): Promise<number> {
  const versions = (await listVersions(context, key, options)).filter(version => !version.isDeleteMarker)
  const kept = new Set<string>()
  let removed = 0
  for (const { versionId, etag, size } of versions) {
    // The same write has the same bytes, and so the same ETag; only those are asked for their write.
    if (versions.filter(other => other.etag === etag && other.size === size).length < 2) continue
    const call = versionCall(context, 'HEAD', key, versionId, options)
    const { writeId } = await context.client.send(
      call,
      answer => readStoredObject(key, answer.headers, size).stat,
    )
    if (writeId === undefined) continue
    if (kept.has(writeId)) {
      await deleteVersion(context, key, versionId, options)
      removed++
    } else kept.add(writeId)
  }
  return removed
}

function versionCall(
  context: S3Context,
  method: 'HEAD' | 'DELETE',
  key: Key,
  versionId: string,
  options: OperationOptions,
): S3Call {
  return {
    op: method === 'HEAD' ? 'head' : 'delete',
    key,
    method,
    path: keyPath(context.client, key),
    query: canonicalQuery([['versionId', versionId]]),
    signal: options.signal,
  }
}
