import type { IncomingHttpHeaders } from 'node:http'
import contentDisposition from 'content-disposition'
import { decodeMetadataValue, encodeMetadataValue } from '../core/attributes.js'
import { StorageError, shown } from '../core/errors.js'
import type { FileStat, UploadOptions } from '../storage.js'

/** User metadata travels in headers of this start: `x-holdfast-meta-author: Zoë` is `{ author: 'Zoë' }`. */
export const METADATA_HEADER = 'x-holdfast-meta-'

/**
 * What a PUT's headers say of the file: `Content-Type`, `Content-Encoding`, `Cache-Control`, `Content-Disposition`
 * (RFC 6266), `Content-Digest` (RFC 9530), `Content-Length`, `x-holdfast-expires-in`, `x-holdfast-expires-at` and
 * `x-holdfast-meta-*`.
 *
 * @throws StorageError `INVALID_ARGUMENT`; `TOO_LARGE` where the declared length is over the limit
 */
export function uploadOptions(headers: IncomingHttpHeaders, maxBytes: number): UploadOptions {
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
    contentType: headers['content-type'],
    contentEncoding: contentEncoding(headers['content-encoding']),
    cacheControl: headers['cache-control'],
    size,
    maxBytes,
    sha256: sha256OfDigest(headers['content-digest']),
    metadata: metadataOf(headers),
    expiresInSeconds: secondsOf('x-holdfast-expires-in', headers),
    expiresAt: timeOf('x-holdfast-expires-at', headers),
    ...dispositionOf(headers['content-disposition']),
  }
}

/** A file's metadata as the headers of an answer. */
export function metadataHeaders(stat: Pick<FileStat, 'metadata'>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(stat.metadata)) {
    headers[METADATA_HEADER + name] = encodeMetadataValue(value)
  }
  return headers
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
