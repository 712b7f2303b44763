import type { IncomingMessage } from 'node:http'
import { StorageError, shown } from '../core/errors.js'
import { type Key, parseKey, parsePrefix } from '../core/key.js'

/** What an object's URL path begins with. */
export const UPLOADS = '/uploads/'

/**
 * The request's target as path and query, undecoded, relative to where the handler is mounted; undefined if it lies
 * outside. Of an absolute-form target (RFC 9112, section 3.2.2) the scheme and authority are left out.
 *
 * Connect, Express and Nest cut the mount path off `url` and keep the whole in `originalUrl`: the whole is read, so
 * that a handler mounted at `/uploads` cannot mistake `/uploads/uploads/a` for the key `a`.
 */
export function requestTarget(request: IncomingMessage, basePath: string): string | undefined {
  const { originalUrl } = request as IncomingMessage & { originalUrl?: unknown }
  const url = (typeof originalUrl === 'string' ? originalUrl : request.url) ?? '/'
  const target = url.startsWith('/') ? url : url.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?]*/, '')
  if (!target.startsWith(basePath)) return undefined
  const rest = target.slice(basePath.length)
  if (rest.startsWith('/')) return rest
  // `/files` and `/files?x` are the root of what is mounted at `/files`, and `/filesystem` is not.
  return rest === '' || rest.startsWith('?') ? `/${rest}` : undefined
}

/** Splits a target at its first `?`. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf('?')
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) }
}

/**
 * The key that a path under {@link UPLOADS} names: percent-decoded exactly once and never normalised, so that every
 * valid key has a URL and no URL reaches past the rules of {@link parseKey}. Bytes that should have been encoded
 * (curl sends a typed `é` as it is) count as UTF-8.
 *
 * @throws StorageError `INVALID_KEY`
 */
export function keyOfPath(path: string): Key {
  return parseKey(decoded(path), 'http')
}

/**
 * The prefix that a path under {@link UPLOADS} names which ends in `/`, decoded as {@link keyOfPath} does: `''` for
 * {@link UPLOADS} itself.
 *
 * @throws StorageError `INVALID_KEY`, `INVALID_ARGUMENT`
 */
export function prefixOfPath(path: string): string {
  return parsePrefix(decoded(path), 'http')
}

function decoded(path: string): string {
  const encoded = path.slice(UPLOADS.length)
  // A fragment is never sent (RFC 9112, section 3.2): here somebody forgot to encode a part of the key.
  if (encoded.includes('#')) throw invalid(encoded, 'a "#" in a key is written "%23".')
  try {
    return decodeURIComponent(encoded.replace(/[\x80-\xff]/g, escapeByte))
  } catch {
    throw invalid(encoded, 'it is not percent-encoded UTF-8.')
  }
}

function escapeByte(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16)}`
}

function invalid(encoded: string, problem: string): StorageError {
  return new StorageError({
    code: 'INVALID_KEY',
    op: 'http',
    message: `Invalid key in the path ${shown(encoded)}: ${problem}`,
  })
}
