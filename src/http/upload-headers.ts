import type { IncomingHttpHeaders } from 'node:http'
import contentDisposition from 'content-disposition'
import { decodeMetadataValue, encodeMetadataValue } from '../core/attributes.js'
import { StorageError, shown } from '../core/errors.js'
import type { Archive, FileStat, UploadOptions } from '../storage.js'

/** User metadata travels in headers of this start: `x-holdfast-meta-author: Zoë` is `{ author: 'Zoë' }`. */
export const METADATA_HEADER = 'x-holdfast-meta-'

/** One of S3's storage classes, or of the server's own. */
const STORAGE_CLASS_HEADER = 'x-holdfast-storage-class'

/** Tags as a query string has them: `x-holdfast-tags: purpose=chat&room=42`. */
const TAGS_HEADER = 'x-holdfast-tags'

/** How a file in an archive stands. */
const ARCHIVE_HEADER = 'x-holdfast-archive'

/**
 * What a PUT's headers say of the file: `Content-Type`, `Content-Encoding`, `Cache-Control`, `Content-Disposition`
 * (RFC 6266), `Content-Digest` (RFC 9530), `Content-Length`, `x-holdfast-expires-in`, `x-holdfast-expires-at`,
 * `x-holdfast-meta-*`, `x-holdfast-storage-class` and `x-holdfast-tags`.
 *
 * @param isSigned whether it is a signed URL that lets the client write: what a file costs, and which rules it falls under,
 *   is not its bearer's to say
 * @throws StorageError `INVALID_ARGUMENT`; `TOO_LARGE` where the declared length is over the limit; `PERMISSION_DENIED`
 *   for a storage class or tags that come with a signed URL
 */
export function uploadOptions(
  headers: IncomingHttpHeaders,
  maxBytes: number,
  isSigned = false,
): UploadOptions {
  const size = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  if (size !== undefined && size > maxBytes) {
    const message = `The content has ${size} bytes, and at most ${maxBytes} are accepted.`
    throw new StorageError({ code: 'TOO_LARGE', op: 'http', message })
  }
  if (headers['content-range'] !== undefined) {
    // RFC 9110, section 14.5: a server that ignored it would take a part for the whole.
    throw invalid('Content-Range', headers['content-range'], 'none: a PUT carries the whole file')
  }
  return {
    contentType: contentTypeOf(headers['content-type']),
    contentEncoding: contentEncoding(headers['content-encoding']),
    cacheControl: headers['cache-control'],
    size,
    maxBytes,
    sha256: sha256OfDigest(headers['content-digest']),
    metadata: metadataOf(headers),
    expiresInSeconds: secondsOf('x-holdfast-expires-in', headers),
    expiresAt: timeOf('x-holdfast-expires-at', headers),
    tags: tagsOf(headers, isSigned),
    storageClass: storageClassOf(headers, isSigned),
    ...dispositionOf(headers['content-disposition']),
  }
}

/** The name that a PUT's or POST's headers give the file. @throws StorageError `INVALID_ARGUMENT` */
export function fileNameOf(headers: IncomingHttpHeaders): string | undefined {
  return dispositionOf(headers['content-disposition']).fileName
}

/** How a file in an archive stands, as the header of an answer. */
export function archiveHeaders({
  storageClass,
  archive,
}: Pick<FileStat, 'storageClass' | 'archive'>): Record<string, string> {
  return {
    ...(storageClass !== undefined && { [STORAGE_CLASS_HEADER]: storageClass }),
    ...(archive !== undefined && { [ARCHIVE_HEADER]: archiveText(archive) }),
  }
}

/** A file's metadata, storage class, and how it stands in an archive, as the headers of an answer. */
export function metadataHeaders(
  stat: Pick<FileStat, 'metadata' | 'storageClass' | 'archive'>,
): Record<string, string> {
  const headers = archiveHeaders(stat)
  for (const [name, value] of Object.entries(stat.metadata)) {
    headers[METADATA_HEADER + name] = encodeMetadataValue(value)
  }
  return headers
}

/** Such as `archived`, or `thawed; until="Thu, 01 Jan 2026 00:00:00 GMT"`. */
function archiveText({ state, until }: Archive): string {
  return until === undefined ? state : `${state}; until="${until.toUTCString()}"`
}

/** A form would be stored with its boundaries, and nobody could show the file in it. */
function contentTypeOf(value: string | undefined): string | undefined {
  if (value === undefined || !/^multipart\/form-data\b/i.test(value)) return value
  throw invalid('Content-Type', value, 'the type of the file, sent as the body itself and not in a form')
}

/** `identity` means not encoded, and is not to be sent (RFC 9110, section 8.4.1). */
function contentEncoding(value: string | undefined): string | undefined {
  return value === undefined || value.toLowerCase() === 'identity' ? undefined : value
}

/** The SHA-256 of a Content-Digest field, a dictionary of byte sequences, as hex; other algorithms are ignored. */
function sha256OfDigest(value: string | string[] | undefined): string | undefined {
  if (value === undefined) return undefined
  const text = String(value)
  const digest = /(?:^|,)[ \t]*sha-256=([^,]*?)[ \t]*(?:,|$)/.exec(text)?.[1]
  if (digest === undefined) return undefined
  const base64 = /^:([A-Za-z0-9+/]{43}=):$/.exec(digest)?.[1]
  if (base64 === undefined) {
    throw invalid('Content-Digest', text, 'sha-256=:<the SHA-256 in base64>: (RFC 9530)')
  }
  return Buffer.from(base64, 'base64').toString('hex')
}

function secondsOf(name: string, headers: IncomingHttpHeaders): number | undefined {
  const value = headers[name]
  if (value === undefined) return undefined
  if (/^\d{1,15}$/.test(String(value))) return Number(value)
  throw invalid(name, String(value), 'a whole number of seconds')
}

/** A time as ISO 8601 writes it with a zone, or HTTP (RFC 9110, section 5.6.7). */
function timeOf(name: string, headers: IncomingHttpHeaders): Date | undefined {
  const value = headers[name]
  if (value === undefined) return undefined
  const text = String(value)
  const time = /(?:Z|[+-]\d\d:\d\d| GMT)$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return new Date(time)
  throw invalid(name, text, 'a time such as 2030-12-24T18:00:00Z')
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> | undefined {
  let metadata: Record<string, string> | undefined
  for (const name in headers) {
    if (!name.startsWith(METADATA_HEADER)) continue
    metadata ??= Object.create(null) as Record<string, string>
    metadata[name.slice(METADATA_HEADER.length)] = decodeMetadataValue(unicodeOf(name, String(headers[name])))
  }
  return metadata
}

function storageClassOf(headers: IncomingHttpHeaders, isSigned: boolean): string | undefined {
  const value = headers[STORAGE_CLASS_HEADER]
  if (value === undefined) return undefined
  if (isSigned) throw notTheBearers(STORAGE_CLASS_HEADER)
  return String(value)
}

function tagsOf(headers: IncomingHttpHeaders, isSigned: boolean): Record<string, string> | undefined {
  const value = headers[TAGS_HEADER]
  if (value === undefined) return undefined
  if (isSigned) throw notTheBearers(TAGS_HEADER)
  const tags: Record<string, string> = Object.create(null)
  for (const [name, text] of new URLSearchParams(unicodeOf(TAGS_HEADER, String(value)))) {
    if (name in tags) throw invalid(TAGS_HEADER, String(value), 'each name once, as in a=1&b=2')
    tags[name] = text
  }
  return tags
}

function notTheBearers(header: string): StorageError {
  const message = `${header} cannot come with a signed URL: its bearer may not choose that.`
  return new StorageError({ code: 'PERMISSION_DENIED', op: 'http', message })
}

/** A header's value as text: Node hands bytes out as Latin-1, and beyond ASCII they are taken for UTF-8. */
function unicodeOf(name: string, value: string): string {
  if (!/[\x80-\xff]/.test(value)) return value
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'))
  } catch {
    throw invalid(name, value, 'ASCII, UTF-8, or an encoded word such as =?UTF-8?B?Wm/Dqw==?= (RFC 2047)')
  }
}

/**
 * The file's name, and the disposition where it is `attachment`: such a file is downloaded, whatever it is. `inline`
 * is what every file is asked to be, so that only its name counts.
 */
function dispositionOf(value: string | undefined): Pick<UploadOptions, 'fileName' | 'contentDisposition'> {
  if (value === undefined) return {}
  const accepted = 'attachment or inline, with filename="..." or filename*=UTF-8\'\'... (RFC 6266)'
  let parsed: ReturnType<typeof contentDisposition.parse>
  try {
    parsed = contentDisposition.parse(value)
  } catch {
    throw invalid('Content-Disposition', value, accepted)
  }
  if (parsed.type !== 'attachment' && parsed.type !== 'inline') {
    throw invalid('Content-Disposition', value, accepted)
  }
  const name = parsed.parameters['filename']
  const fileName = name === undefined || name === '' ? undefined : nameOf(value, name)
  return { fileName, contentDisposition: parsed.type === 'attachment' ? 'attachment' : undefined }
}

/** A name from `filename*` is decoded already; one in bytes beyond ASCII is UTF-8, as curl and browsers send it. */
function nameOf(header: string, name: string): string {
  return /[\x80-\xff]/.test(header) && !/[^\x00-\xff]/.test(name)
    ? unicodeOf('Content-Disposition', name)
    : name
}

function invalid(header: string, got: string, accepted: string): StorageError {
  const message = `Invalid ${header} ${shown(got)}; accepted: ${accepted}.`
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', message })
}
