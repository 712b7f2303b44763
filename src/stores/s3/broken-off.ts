import { createHash, hash } from 'node:crypto'
import type { Key } from '../../core/key.js'
import type { S3Context } from './context.js'
import { s3CodeOf } from './errors.js'
import { type Part, partsOfUpload } from './unfinished-uploads.js'
import type { PendingUpload } from './upload-log.js'
import { endUpload } from './uploads.js'

/** An upload that was broken off, and is gone on with. */
export interface BrokenOff {
  readonly upload: PendingUpload
  /** The name under which the write was begun. */
  readonly writeId: string
  /** What the server has of it, by number. */
  readonly parts: ReadonlyMap<number, Part>
}

/** All that an object carries but the name of the write, in short: equal for the same write that is tried again. */
export function digestOfHeaders(headers: readonly string[], writeId: string): string {
  const digest = createHash('sha256')
  for (const text of headers) if (text !== writeId) digest.update(`${text}\n`)
  return digest.digest('hex')
}

/**
 * The upload of an object that was begun before, if the log keeps such uploads and the server still has this one. One
 * that was to carry something else is ended.
 */
export async function findBrokenOff(
  context: S3Context,
  key: Key,
  carries: string,
  signal: AbortSignal | undefined,
): Promise<BrokenOff | undefined> {
  const { bucket, address } = context.client
  const upload = context.uploads?.brokenOff?.(key)
  if (upload === undefined || upload.bucket !== bucket || upload.endpoint !== address.origin) return undefined
  const { writeId, uploadId } = upload
  if (writeId === undefined || upload.carries !== carries) {
    await endUpload(context, upload, { signal })
    return undefined
  }
  const parts = new Map<number, Part>()
  try {
    for await (const part of partsOfUpload(context, upload, { signal })) parts.set(part.number, part)
  } catch (error) {
    if (s3CodeOf(error) !== 'NoSuchUpload') throw error
    await context.uploads?.end(uploadId)
    return undefined
  }
  return { upload, writeId, parts }
}

/** The ETag of a part that the server has already, with these bytes: S3's is their MD5, or else it is sent again. */
export function etagIfThere({ parts }: BrokenOff, number: number, bytes: Buffer): string | undefined {
  const part = parts.get(number)
  if (part === undefined || part.size !== bytes.length) return undefined
  return hash('md5', bytes, 'hex') === part.etag ? part.etag : undefined
}
