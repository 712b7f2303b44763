import { parseAttributes } from '../core/attributes.js'
import { formatDisposition } from '../core/content-disposition.js'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { PresignOptions } from '../core/store.js'
import type { PresignUrlOptions } from '../storage.js'
import { checkOptions, invalidArgument } from './arguments.js'
import type { Backend } from './backend.js'

/** The longest life of a signed URL, in seconds (SigV4 query authentication: seven days). */
export const MAX_PRESIGN_SECONDS = 7 * 24 * 3600

const DEFAULT_PRESIGN_SECONDS = 3600

/** Checks what a signed URL is asked for. @throws StorageError `INVALID_ARGUMENT` */
export function presignRequest(options: PresignUrlOptions): PresignOptions {
  checkOptions('presign', options)
  const {
    method = 'GET',
    expiresInSeconds = DEFAULT_PRESIGN_SECONDS,
    contentType,
    fileName,
    disposition,
    direct,
  } = options
  if (method !== 'GET' && method !== 'PUT') throw invalid('method', method, '"GET" or "PUT"')
  if (
    !Number.isSafeInteger(expiresInSeconds) ||
    expiresInSeconds < 1 ||
    expiresInSeconds > MAX_PRESIGN_SECONDS
  ) {
    throw invalid(
      'expiresInSeconds',
      expiresInSeconds,
      `a whole number of seconds from 1 to ${MAX_PRESIGN_SECONDS}`,
    )
  }
  if (disposition !== undefined && disposition !== 'inline' && disposition !== 'attachment') {
    throw invalid('disposition', disposition, '"inline" or "attachment"')
  }
  if (direct !== undefined && typeof direct !== 'boolean') throw invalid('direct', direct, 'true or false')
  if (method === 'PUT' && (fileName !== undefined || disposition !== undefined)) {
    throw invalid(
      'fileName or disposition',
      fileName ?? disposition,
      'neither with method "PUT": they are of the answer to a GET',
    )
  }
  parseAttributes({ contentType, fileName }, 'presign')
  const named = fileName !== undefined || disposition !== undefined
  return {
    method,
    expiresInSeconds,
    contentType,
    contentDisposition: named ? formatDisposition(disposition ?? 'attachment', fileName) : undefined,
    direct,
  }
}

function invalid(name: string, value: unknown, accepted: string): StorageError {
  return invalidArgument('presign', name, value, accepted)
}

/**
 * A URL to upload by where uploads are inspected: of this host's own server, since what goes straight to a bucket is
 * there to be read before anybody has judged it.
 *
 * @throws StorageError `UNSUPPORTED` where there is no such URL, or the bucket's own is asked for
 */
export async function presignInspected(
  { store, provider, verifySignedUrl }: Backend,
  key: Key,
  request: PresignOptions,
): Promise<string> {
  const isDirect = request.direct === true && provider !== 'local'
  if (!isDirect && store.presign !== undefined && verifySignedUrl !== undefined)
    return store.presign(key, { ...request, direct: undefined, own: true })
  const why = isDirect
    ? 'direct: true asks for a URL of the bucket'
    : 'only the bucket could sign one here: a storage folder (OBJECT_STORAGE_FALLBACK=true) has URLs of its own'
  const message = `Uploads are inspected, and an upload by this URL would not be: ${why}.`
  throw new StorageError({ code: 'UNSUPPORTED', op: 'presign', key, message })
}
