import { encodeKey, type Key } from '../../core/key.js'
import type { S3Client } from './client.js'
import {
  answerError,
  type ErrorContext,
  type ErrorDocument,
  readErrorDocument,
  unprovenAnswer,
} from './errors.js'
import type { Answer } from './exchange.js'
import { unquote } from './metadata.js'
import { canonicalQuery } from './sigv4.js'
import { readXml, XmlError } from './xml.js'

/** The path of an object, percent-encoded. */
export function keyPath(client: S3Client, key: Key): string {
  return client.address.keyPath + encodeKey(key)
}

/** The query that names one version of an object. */
export function versionQuery(versionId: string): string {
  return canonicalQuery([['versionId', versionId]])
}

/** The largest page of a listing: a thousand of the longest keys, each byte of them percent-encoded, fits. */
const MAX_LISTING_BYTES = 8 * 1024 * 1024

/** A question to the bucket itself for one page of a listing. */
export function listingCall(
  client: S3Client,
  query: readonly (readonly [string, string])[],
  signal: AbortSignal | undefined,
) {
  return {
    op: 'list',
    method: 'GET',
    path: client.address.bucketPath,
    query: canonicalQuery(query),
    signal,
    maxAnswerBytes: MAX_LISTING_BYTES,
  } as const
}

/** What an answer to a write tells. */
export interface Written {
  readonly etag: string
  /** Milliseconds since the epoch, by the store's clock. */
  readonly time: number
  readonly versionId: string | undefined
}

/** Reads the answer to a PUT of an object or part: only an ETag proves that the bytes were taken. */
export function readWritten(context: ErrorContext, answer: Answer): Written {
  const etag = answer.headers.get('etag')
  if (answer.status !== 200 || !etag) throw unprovenAnswer(context, answer.status, 'it has no ETag')
  return written(answer, etag)
}

/** What the answer's head tells of a write whose ETag is known. */
export function written(answer: Answer, etag: string): Written {
  const versionId = answer.headers.get('x-amz-version-id')
  return {
    etag: unquote(etag),
    time: answer.headers.date() ?? Date.now(),
    versionId: versionId === 'null' ? undefined : versionId,
  }
}

/** The fields directly below the root of an answer that has no lists. */
export function readFields(context: ErrorContext, answer: Answer, root: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null)
  readAnswer(context, answer, root, (name, text, depth) => {
    if (depth === 1) fields[name] = text
  })
  return fields
}

/**
 * Reads an answer whose root element must be `root`. An error document in a success is the error that it tells.
 *
 * @throws StorageError `UNAVAILABLE` if it is anything else, or cut off
 */
export function readAnswer(
  context: ErrorContext,
  answer: Answer,
  root: string,
  close: (name: string, text: string, depth: number) => void,
  open?: (name: string, depth: number) => void,
): void {
  let found: string | undefined
  try {
    readXml(answer.body.toString(), {
      open(name, depth) {
        if (depth === 0) found = name
        else open?.(name, depth)
      },
      close,
    })
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    throw unprovenAnswer(context, answer.status, error.message)
  }
  if (found === 'Error') throw answerError(context, answer, withoutMessage(readErrorDocument(answer.body)))
  if (found !== root) throw unprovenAnswer(context, answer.status, `it is no ${root} document`)
}

/** What a server says beside the code may repeat what it was sent, secrets included. */
function withoutMessage(document: ErrorDocument | undefined): ErrorDocument | undefined {
  return document && { ...document, message: '' }
}

/** The form that `encoding-type=url` gives: percent-encoding, and by some servers `+` for a space. */
export function decodeUrl(text: string): string | undefined {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
