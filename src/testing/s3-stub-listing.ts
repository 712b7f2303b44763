import { compareUtf8 } from '../core/key.js'
import { element, type StubAnswer, StubError, xmlAnswer } from './s3-stub-answer.js'
import type { StubBucket } from './s3-stub-bucket.js'

/** ListObjectsV2 over a stub's bucket. */
export function listObjects(bucket: StubBucket, query: URLSearchParams): StubAnswer {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const token = query.get('continuation-token')
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString()
  const limit = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
  if (!(limit >= 0)) throw new StubError(400, 'InvalidArgument', 'max-keys')
  const encode = query.get('encoding-type') === 'url' ? encodeName : (name: string): string => name
  const keys = bucket.keys()
  const parts: string[] = []
  let count = 0
  let last = ''
  let index = firstAfter(keys, after, prefix, token !== null && delimiter !== '' && after.endsWith(delimiter))
  let truncated = false
  for (;;) {
    const key = keys[index]
    if (key === undefined || !key.startsWith(prefix)) break
    if (count === limit) {
      truncated = limit > 0
      break
    }
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    count++
    if (cut === -1) {
      parts.push(entry(bucket, key, encode))
      last = key
      index++
    } else {
      last = key.slice(0, cut + delimiter.length)
      parts.push(`<CommonPrefixes>${element('Prefix', encode(last))}</CommonPrefixes>`)
      while (keys[index]?.startsWith(last)) index++
    }
  }
  return xmlAnswer(
    200,
    'ListBucketResult',
    element('Name', bucket.name) +
      element('Prefix', encode(prefix)) +
      element('KeyCount', count) +
      element('MaxKeys', limit) +
      (query.has('encoding-type') ? element('EncodingType', 'url') : '') +
      element('IsTruncated', String(truncated)) +
      (truncated ? element('NextContinuationToken', Buffer.from(last).toString('base64url')) : '') +
      parts.join(''),
  )
}

/** ListObjectVersions over a stub's bucket. */
export function listVersions(bucket: StubBucket, query: URLSearchParams): StubAnswer {
  const prefix = query.get('prefix') ?? ''
  const keyMarker = query.get('key-marker') ?? ''
  const idMarker = query.get('version-id-marker') ?? ''
  const limit = Math.min(Number(query.get('max-keys') ?? 1000), 1000)
  if (!(limit >= 1)) throw new StubError(400, 'InvalidArgument', 'max-keys')
  if (idMarker !== '' && keyMarker === '') throw new StubError(400, 'InvalidArgument', 'version-id-marker')
  const encode = query.get('encoding-type') === 'url' ? encodeName : (name: string): string => name
  const parts: string[] = []
  let last: { key: string; id: string } | undefined
  let truncated = false
  for (const key of bucket.versions.keys(bucket.objects)) {
    const order = compareUtf8(key, keyMarker)
    if (!key.startsWith(prefix) || order < 0 || (order === 0 && idMarker === '')) continue
    const all = bucket.versions.of(key, bucket.objects.get(key))
    const from = order === 0 ? all.findIndex(({ id }) => id === idMarker) + 1 : 0
    for (const [index, { id, modified, object }] of all.entries()) {
      if (index < from) continue
      if (parts.length === limit) {
        truncated = true
        break
      }
      const name = object === undefined ? 'DeleteMarker' : 'Version'
      const content =
        element('Key', encode(key)) +
        element('VersionId', id) +
        element('IsLatest', String(index === 0)) +
        element('LastModified', modified.toISOString()) +
        (object === undefined
          ? ''
          : `<ETag>&quot;${object.etag}&quot;</ETag>${element('Size', object.bytes.length)}` +
            element('StorageClass', object.headers['x-amz-storage-class'] ?? 'STANDARD'))
      parts.push(`<${name}>${content}<Owner>${element('ID', 'stub')}</Owner></${name}>`)
      last = { key, id }
    }
    if (truncated) break
  }
  return xmlAnswer(
    200,
    'ListVersionsResult',
    element('Name', bucket.name) +
      element('Prefix', encode(prefix)) +
      (query.has('encoding-type') ? element('EncodingType', 'url') : '') +
      element('IsTruncated', String(truncated)) +
      (truncated && last !== undefined
        ? element('NextKeyMarker', encode(last.key)) + element('NextVersionIdMarker', last.id)
        : '') +
      parts.join(''),
  )
}

/** ListMultipartUploads, in one page. */
export function listUploads(bucket: StubBucket, query: URLSearchParams): StubAnswer {
  const prefix = query.get('prefix') ?? ''
  const uploads = Array.from(
    [...bucket.uploads].filter(([, { key }]) => key.startsWith(prefix)),
    ([id, upload]) =>
      `<Upload>${element('Key', upload.key)}${element('UploadId', id)}${element('Initiated', upload.begun.toISOString())}</Upload>`,
  )
  const content = element('Bucket', bucket.name) + element('IsTruncated', 'false') + uploads.join('')
  return xmlAnswer(200, 'ListMultipartUploadsResult', content)
}

/** ListParts, in one page. */
export function listParts(bucket: StubBucket, key: string, id: string | null): StubAnswer {
  const parts = Array.from(
    bucket.upload(key, id).parts,
    ([number, part]) =>
      `<Part>${element('PartNumber', number)}${element('LastModified', part.modified.toISOString())}${element('ETag', `"${part.etag}"`)}${element('Size', part.bytes.length)}</Part>`,
  )
  const content = element('Bucket', bucket.name) + element('Key', key) + element('UploadId', id ?? '')
  return xmlAnswer(200, 'ListPartsResult', `${content}${element('IsTruncated', 'false')}${parts.join('')}`)
}

function entry(bucket: StubBucket, key: string, encode: (name: string) => string): string {
  const { modified, etag, bytes, headers } = bucket.find(key)
  const storageClass = headers['x-amz-storage-class'] ?? 'STANDARD'
  return `<Contents>${element('Key', encode(key))}${element('LastModified', modified.toISOString())}<ETag>&quot;${etag}&quot;</ETag>${element('Size', bytes.length)}${element('StorageClass', storageClass)}</Contents>`
}

/** As AWS encodes: `/` stays, and a space becomes `+`. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%20', '+')
}

/** Index of the first key past `after`, or past all that lie below it. */
function firstAfter(keys: readonly string[], after: string, prefix: string, skipBelow: boolean): number {
  const holds = (key: string): boolean =>
    compareUtf8(key, after) > 0 && compareUtf8(key, prefix) >= 0 && !(skipBelow && key.startsWith(after))
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(keys[middle] as string)) high = middle
    else low = middle + 1
  }
  return low
}
