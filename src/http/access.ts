import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { StorageError, shown } from '../core/errors.js'
import type { SignedAccess } from '../storage.js'
import type { Action, HttpStorage, Settings } from './options.js'
import { splitTarget, UPLOADS } from './target.js'

const LOOPBACK_NAME = /^(?:localhost|[a-z0-9.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Decides who may do what. */
export class Access {
  readonly #storage: HttpStorage
  readonly #settings: Settings
  readonly #apiKeys: readonly Buffer[]
  /** Nobody configured access: everything is allowed, but to this machine only. */
  readonly open: boolean

  constructor(storage: HttpStorage, settings: Settings) {
    this.#storage = storage
    this.#settings = settings
    this.#apiKeys = settings.apiKeys.map(sha256)
    this.open = settings.apiKeys.length === 0 && settings.authorize === undefined
  }

  /**
   * The rules of a server without access rules: it answers only to this machine, under a name that no DNS answer can
   * point elsewhere (so that a page of another site cannot reach it by rebinding its own name), and writes only for
   * pages of its own or of an origin that `cors` names.
   *
   * @throws StorageError `PERMISSION_DENIED`
   */
  guard(request: IncomingMessage): void {
    if (!this.open) return
    const { host = '', origin } = request.headers
    const fix = 'set HOLDFAST_API_KEYS (the option apiKeys), or give authorize.'
    if (!LOOPBACK_ADDRESS.test(request.socket.remoteAddress ?? '')) {
      throw denied(`No access rules are set, so only this machine is served; for others, ${fix}`)
    }
    if (!LOOPBACK_NAME.test(host)) {
      throw denied(
        `No access rules are set, so this is served only as localhost, and not as ${shown(host)}; for others, ${fix}`,
      )
    }
    if (origin === undefined || SAFE_METHODS.has(request.method ?? '')) return
    if (origin === `http://${host}` || origin === `https://${host}`) return
    if (this.#isNamed(origin)) return
    throw denied(
      `No access rules are set, so pages of ${shown(origin)} may not write; name them in cors, or ${fix}`,
    )
  }

  /**
   * Lets the request do something, or throws. In this order: a valid API key, a signed URL, the application's
   * `authorize`; and without any rules, everybody that {@link guard} lets in.
   *
   * @param target the request's path and query
   * @returns what a signed URL says of the answer, if one gave access
   * @throws StorageError `UNAUTHENTICATED` without a valid key, `PERMISSION_DENIED` for a signed URL that does not
   *   hold or an `authorize` that says no; but for `read` its no is the NOT_FOUND of a file that is not there
   */
  async check(
    request: IncomingMessage,
    action: Action,
    key: string,
    target: string,
  ): Promise<SignedAccess | undefined> {
    if (this.#hasApiKey(request)) return undefined
    const signed = await this.#signedAccess(request, key, target)
    if (signed !== undefined) return signed
    if (this.open) return undefined
    const { authorize } = this.#settings
    if (authorize === undefined) {
      const message =
        'This takes a valid API key (Authorization: Bearer <key>) or a signed URL, and the request has neither.'
      throw new StorageError({ code: 'UNAUTHENTICATED', op: 'http', message })
    }
    this.#refuseForeignForms(request)
    if ((await authorize(request, action, key)) === true) return undefined
    if (action === 'read') throw notFound(key)
    throw denied('The application does not allow this.')
  }

  /**
   * A browser sends a plain POST to any site without asking it first, with the cookies that its user has there, whatever
   * page asks for it (Fetch Standard, "CORS-safelisted method"); nothing else that writes. So the application is asked only
   * about those of its own pages, of origins that `cors` names, and those for which the browser had to ask.
   *
   * @throws StorageError `PERMISSION_DENIED`
   */
  #refuseForeignForms({ method, headers }: IncomingMessage): void {
    if (method !== 'POST' || !isSentUnasked(headers)) return
    const { origin, host = '', 'sec-fetch-site': site } = headers
    // `'*'` names everybody, but lets no cookies come along.
    const mayName = this.#settings.cors?.origins !== '*' || headers.cookie === undefined
    if (origin !== undefined && mayName && this.#isNamed(origin)) return
    const isOwn =
      site === undefined
        ? origin === undefined || origin === `https://${host}` || origin === `http://${host}`
        : site === 'same-origin' || site === 'none'
    if (!isOwn) throw denied(`Pages of ${shown(origin ?? site)} may not POST; cors names those that may.`)
  }

  #isNamed(origin: string): boolean {
    const origins = this.#settings.cors?.origins
    return origins === '*' || origins?.includes(origin) === true
  }

  #hasApiKey(request: IncomingMessage): boolean {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined) return false
    // Digests have one length, and every key is compared, so that the time taken tells nothing.
    const digest = sha256(given)
    let found = false
    for (const key of this.#apiKeys) if (timingSafeEqual(digest, key)) found = true
    return found
  }

  async #signedAccess(
    request: IncomingMessage,
    key: string,
    target: string,
  ): Promise<SignedAccess | undefined> {
    if (this.#storage.verifySignedUrl === undefined || !isSigned(target)) return undefined
    const { method = '' } = request
    const signed = await this.#storage.verifySignedUrl(method, target)
    if (signed?.key !== key || signed.method !== (method === 'HEAD' ? 'GET' : method)) {
      throw denied('The signed URL does not hold: it was altered, has run out, or is for another method.')
    }
    const { contentType } = signed
    if (method === 'PUT' && contentType !== undefined && request.headers['content-type'] !== contentType) {
      throw denied(`The signed URL is for content of type ${shown(contentType)} only.`)
    }
    return signed
  }
}

/** The answer for a file that is not there, and for one that the client may not know of. */
function notFound(key: string): StorageError {
  return new StorageError({ code: 'NOT_FOUND', op: 'http', key, message: 'There is no such file.' })
}

/** Types of content that a page sends anywhere (Fetch Standard, "CORS-safelisted request-header"). */
const SAFELISTED = new Set(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/

/** Whether a browser may have sent the POST without asking: no header of it is one that a page has to have leave for. */
function isSentUnasked({
  authorization = '',
  'content-type': contentType = '',
}: IncomingHttpHeaders): boolean {
  if (/^Bearer /i.test(authorization)) return false
  const type = contentType.replace(/;.*/s, '').trim().toLowerCase()
  return SAFELISTED.has(type) || !MEDIA_TYPE.test(type)
}

function isSigned(target: string): boolean {
  const { path, query } = splitTarget(target)
  return path.startsWith(UPLOADS) && /(?:^|&)signature=/.test(query)
}

function denied(message: string): StorageError {
  return new StorageError({ code: 'PERMISSION_DENIED', op: 'http', message })
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
