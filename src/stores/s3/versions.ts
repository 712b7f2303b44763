import { StorageError, shown } from '../../core/errors.js'
import { isKey, type Key, RESERVED_PREFIX } from '../../core/key.js'
import { STANDARD } from '../../core/storage-class.js'
import type { OperationOptions } from '../../core/store.js'
import type {
  ListedVersion,
  ListVersionsOptions,
  Versioning,
  VersionPage,
  Versions,
} from '../../core/versions.js'
import type { S3Call } from './client.js'
import type { S3Context } from './context.js'
import { deleteVersions } from './delete.js'
import { s3CodeOf, unprovenAnswer } from './errors.js'
import type { Answer } from './exchange.js'
import { getObject } from './get.js'
import { headStored } from './head.js'
import { unquote } from './metadata.js'
import { decodeUrl, listingCall, readAnswer, readFields } from './requests.js'
import { tagsToCopy } from './tags.js'

/** S3's largest page. */
const MAX_VERSIONS = 1000

/** The versions of a bucket's objects (S3 API, "Retaining multiple versions of objects with S3 Versioning"). */
export function versionsOf(context: S3Context): Versions {
  return {
    versioning: options => bucketVersioning(context, options),
    list: options => listVersions(context, options),
    get: (key, versionId, options) => ofVersion(key, getObject(context, key, options, versionId)),
    head: async (key, versionId, options = {}) =>
      (await ofVersion(key, headStored(context, key, options, 'head', versionId))).stat,
    tags: async (key, versionId, options = {}) => {
      const stored = await ofVersion(key, headStored(context, key, options, 'head', versionId))
      return tagsToCopy(context, key, stored, options.signal, versionId)
    },
    remove: (versions, options) => deleteVersions(context, versions, options),
  }
}

/** Whether the bucket keeps versions (S3 API, "GetBucketVersioning"). */
async function bucketVersioning(context: S3Context, options: OperationOptions = {}): Promise<Versioning> {
  const { signal } = options
  const path = context.client.address.bucketPath
  const call = { op: 'versions', method: 'GET', path, query: 'versioning=', signal } as const
  return context.client.send(call, answer => {
    const { Status } = readFields(call, answer, 'VersioningConfiguration')
    return Status === 'Enabled' ? 'on' : Status === 'Suspended' ? 'suspended' : 'off'
  })
}

/**
 * Lists one page of versions and delete markers (S3 API, "ListObjectVersions"). Holdfast's own objects are left out,
 * unless the prefix asks for them, and so are objects whose names are no valid keys.
 */
export async function listVersions(
  context: S3Context,
  options: ListVersionsOptions = {},
): Promise<VersionPage> {
  const { prefix = '', after, limit = MAX_VERSIONS, signal } = options
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_VERSIONS) {
    const message = `Invalid limit ${shown(limit)}; accepted: a whole number from 1 to ${MAX_VERSIONS}.`
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'list', store: 's3', message })
  }
  const query: [string, string][] = [
    ['versions', ''],
    ['encoding-type', 'url'],
    ['max-keys', String(limit)],
  ]
  if (prefix !== '') query.push(['prefix', prefix])
  if (after !== undefined) query.push(['key-marker', after.key])
  if (after !== undefined && after.versionId !== '') query.push(['version-id-marker', after.versionId])
  const call = listingCall(context.client, query, signal)
  const isShown = prefix.startsWith(RESERVED_PREFIX) ? isOwnKey : isKey
  return context.client.send(call, answer => readPage(call, answer, isShown))
}

type IsShown = (key: string | undefined) => key is Key

function isOwnKey(key: string | undefined): key is Key {
  return key?.startsWith(RESERVED_PREFIX) === true
}

function readPage(call: S3Call, answer: Answer, isShown: IsShown): VersionPage {
  const versions: ListedVersion[] = []
  // No key can hold this text unescaped; and it may stand behind the keys that it speaks of.
  const encoded = answer.body.includes('<EncodingType>url<')
  const named = (name: string): string | undefined => (encoded ? decodeUrl(name) : name)
  let fields: Record<string, string> = {}
  const page: Record<string, string> = {}
  readAnswer(
    call,
    answer,
    'ListVersionsResult',
    (element, text, depth) => {
      if (depth === 2) fields[element] = text
      else if (depth !== 1) return
      else if (element === 'Version' || element === 'DeleteMarker') {
        const key = named(fields['Key'] ?? '')
        if (isShown(key)) versions.push(readVersion(call, answer, fields, key, element))
      } else page[element] = text
    },
    (_, depth) => {
      if (depth === 1) fields = {}
    },
  )
  const { IsTruncated, NextKeyMarker = '', NextVersionIdMarker = '' } = page
  if (IsTruncated === 'false') return { versions }
  const key = named(NextKeyMarker)
  if (IsTruncated !== 'true' || !key) {
    throw unprovenAnswer(call, answer.status, 'it does not say whether, or where, it goes on')
  }
  return { versions, next: { key, versionId: NextVersionIdMarker } }
}

function readVersion(
  call: S3Call,
  answer: Answer,
  fields: Readonly<Record<string, string>>,
  key: Key,
  element: 'Version' | 'DeleteMarker',
): ListedVersion {
  const { VersionId: versionId, IsLatest, ETag = '', Size = '0', LastModified = '', StorageClass } = fields
  const lastModified = new Date(LastModified)
  if (!versionId || !/^\d{1,15}$/.test(Size) || Number.isNaN(lastModified.getTime())) {
    throw unprovenAnswer(call, answer.status, 'a version has no VersionId, Size or LastModified')
  }
  const isDeleteMarker = element === 'DeleteMarker'
  return {
    key,
    versionId,
    isLatest: IsLatest === 'true',
    isDeleteMarker,
    size: isDeleteMarker ? 0 : Number(Size),
    etag: unquote(ETag),
    lastModified,
    ...(StorageClass && StorageClass !== STANDARD && !isDeleteMarker && { storageClass: StorageClass }),
  }
}

/** What is asked of one version; a delete marker counts as none, since there is nothing to read. */
async function ofVersion<T>(key: Key, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    const s3Code = s3CodeOf(error)
    const isMarker = s3Code === 'MethodNotAllowed'
    if (!isMarker && !StorageError.is(error, 'NOT_FOUND')) throw error
    const message = isMarker
      ? 'This version is a delete marker, which has no content.'
      : 'There is no such version of this object.'
    throw new StorageError({ code: 'NOT_FOUND', op: 'get', key, store: 's3', message, cause: error })
  }
}
