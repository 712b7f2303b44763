import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendText } from './answer.js'
import type { CorsOptions } from './options.js'

/** What a page may read of an answer beside its body, where cookies go along; else it may read everything. */
const EXPOSED =
  'Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified, Location, Repr-Digest, Retry-After, Sunset, X-Holdfast-Archive, X-Holdfast-Error, X-Holdfast-Storage-Class'

/** Sets the headers that let a page of an allowed origin read the answer (Fetch Standard, "CORS protocol"). */
export function allowOrigin(request: IncomingMessage, response: ServerResponse, cors: CorsOptions): void {
  if (cors.origins !== '*') response.setHeader('vary', 'Origin')
  const { origin } = request.headers
  if (!isAllowed(origin, cors)) return
  response.setHeader('access-control-allow-origin', cors.origins === '*' ? '*' : origin)
  response.setHeader('access-control-expose-headers', cors.credentials === true ? EXPOSED : '*')
  if (cors.credentials === true) response.setHeader('access-control-allow-credentials', 'true')
}

/**
 * Answers `OPTIONS`: what the resource takes, and to a preflight of an allowed origin what its pages may send.
 *
 * @param allow the methods of the resource, for the `Allow` header
 */
export function answerOptions(
  request: IncomingMessage,
  response: ServerResponse,
  allow: string,
  cors: CorsOptions | undefined,
): void {
  const { origin, 'access-control-request-headers': asked } = request.headers
  const preflight = request.headers['access-control-request-method'] !== undefined
  if (preflight && cors !== undefined && isAllowed(origin, cors)) {
    response.setHeader('access-control-allow-methods', allow)
    if (asked !== undefined) response.setHeader('access-control-allow-headers', asked)
    response.setHeader('access-control-max-age', '600')
  }
  sendText(request, response, 204, '', { allow })
}

function isAllowed(origin: string | undefined, cors: CorsOptions): origin is string {
  return origin !== undefined && (cors.origins === '*' || cors.origins.includes(origin))
}
