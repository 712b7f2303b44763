import type { IncomingMessage } from 'node:http'
import { StorageError, shown } from '../core/errors.js'
import { type LimitedLogger, limitLines } from '../core/limited-logger.js'
import { type Logger, silentLogger } from '../core/logger.js'
import { isOrigin } from '../core/origin.js'
import type { LocatedFile, SignedAccess, Storage, StorageLifecycle } from '../storage.js'

/** What is served: a `StorageService`, or anything that has the five methods it is used by. */
export interface HttpStorage
  extends Pick<Storage, 'uploadFile' | 'openFile' | 'statFile' | 'deleteFile' | 'list'>,
    Partial<Pick<Storage, 'keepFile' | 'getFileTags' | 'setFileTags' | 'thawFile'>>,
    Partial<Pick<StorageLifecycle, 'ready' | 'getStatus' | 'getActivity'>> {
  /** What a signed URL grants; undefined if it is none, was altered, has run out, or is for another method. */
  verifySignedUrl?(method: string, pathAndQuery: string): Promise<SignedAccess | undefined>
  /** Where a client can read a file by itself; undefined where it is to be served from here. */
  locateFile?(key: string): Promise<LocatedFile | undefined>
}

/** What a request is about to do: `status` is the operator's view, `list` a listing of keys. */
export type Action = 'read' | 'write' | 'delete' | 'list' | 'status'

/**
 * The application's own decision: may this request do this with this key? For `list` the key is the prefix asked
 * for, for `status` it is `''`. False, for `read`, is answered as if there were no such file. It may also throw a
 * StorageError, which is then the answer (`UNAUTHENTICATED` for 401); anything else it throws is a 500.
 *
 * The request is the one the server got, with what the application's middleware has put on it.
 */
export type Authorize = (request: IncomingMessage, action: Action, key: string) => boolean | Promise<boolean>

/** Which pages of other origins may call from a browser (the CORS protocol of the Fetch Standard). */
export interface CorsOptions {
  /** Origins such as `https://chat.example.com`, or `'*'` for all. */
  readonly origins: '*' | readonly string[]
  /** Whether cookies may be sent along; not with `'*'`. False unless given. */
  readonly credentials?: boolean | undefined
}

export interface HandlerOptions {
  /** Keys that grant everything, sent as `Authorization: Bearer <key>`. At least 16 characters each. */
  readonly apiKeys?: readonly string[] | undefined
  /**
   * Decides where no API key and no signed URL did. Without it and without `apiKeys` every request is served, but
   * only to this machine: by a loopback address and under a loopback name.
   */
  readonly authorize?: Authorize | undefined
  /** Largest upload, in bytes; 5 GiB unless given. */
  readonly maxUploadBytes?: number | undefined
  /** Where the handler is mounted, such as `/files`; `''` (the root) unless given. */
  readonly basePath?: string | undefined
  /** None unless given: pages of other origins may not call. */
  readonly cors?: CorsOptions | undefined
  /**
   * Which pages may embed files (the `Cross-Origin-Resource-Policy` header): `same-site` unless given, so that
   * `chat.example.com` can show what `files.example.com` serves.
   */
  readonly crossOriginResourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin' | undefined
  /** Longest wait, in milliseconds, for a client to send or take the next bytes; 60,000 unless given. */
  readonly idleTimeoutMs?: number | undefined
  /** A pino logger, or anything of its shape. Silent unless given. */
  readonly logger?: Logger | undefined
}

/** {@link HandlerOptions}, checked and with every default filled in. */
export interface Settings {
  readonly apiKeys: readonly string[]
  readonly authorize: Authorize | undefined
  readonly maxUploadBytes: number
  readonly basePath: string
  readonly cors: CorsOptions | undefined
  readonly crossOriginResourcePolicy: string
  readonly idleTimeoutMs: number
  /** Keeps floods out. */
  readonly logger: LimitedLogger
}

const GIB = 1024 ** 3
const POLICIES = ['same-origin', 'same-site', 'cross-origin']

/** Checks the options and fills in the defaults. @throws StorageError `CONFIG_INVALID` */
export function readOptions(options: HandlerOptions): Settings {
  const {
    apiKeys = [],
    authorize,
    maxUploadBytes = 5 * GIB,
    basePath = '',
    cors,
    crossOriginResourcePolicy = 'same-site',
    idleTimeoutMs = 60_000,
    logger = silentLogger,
  } = options
  if (!Array.isArray(apiKeys) || !apiKeys.every(isApiKey)) {
    throw invalid('apiKeys', 'what was given', 'keys of 16 or more printable ASCII characters without spaces')
  }
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw invalid('authorize', shown(authorize), 'a function (request, action, key) => boolean')
  }
  checkWhole('maxUploadBytes', maxUploadBytes, Number.MAX_SAFE_INTEGER)
  checkWhole('idleTimeoutMs', idleTimeoutMs, 2 ** 31 - 1)
  if (typeof basePath !== 'string' || !/^(?:\/[A-Za-z0-9._~-]+)*$/.test(basePath)) {
    throw invalid('basePath', shown(basePath), '"" or a path such as "/files", without "/" at its end')
  }
  if (!POLICIES.includes(crossOriginResourcePolicy)) {
    throw invalid('crossOriginResourcePolicy', shown(crossOriginResourcePolicy), POLICIES.join(', '))
  }
  if (cors !== undefined) checkCors(cors)
  return {
    apiKeys,
    authorize,
    maxUploadBytes,
    basePath,
    cors,
    crossOriginResourcePolicy,
    idleTimeoutMs,
    logger: limitLines(logger),
  }
}

/** Checks a whole number from 1 to `max`. @throws StorageError `CONFIG_INVALID` */
export function checkWhole(name: string, value: unknown, max: number, min = 1): void {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return
  throw invalid(name, shown(value), `a whole number from ${min} to ${max}`)
}

function isApiKey(key: unknown): boolean {
  return typeof key === 'string' && /^[\x21-\x7e]{16,}$/.test(key)
}

function checkCors(cors: CorsOptions): void {
  const { origins, credentials = false } = cors
  if (origins !== '*' && !(Array.isArray(origins) && origins.every(isOrigin))) {
    throw invalid(
      'cors.origins',
      shown(origins),
      '"*" or origins such as "https://chat.example.com", without a path',
    )
  }
  if (origins === '*' && credentials) {
    throw invalid(
      'cors.credentials',
      'true with origins "*"',
      'a list of origins where cookies are sent along',
    )
  }
}

function invalid(name: string, got: string, accepted: string): StorageError {
  const message = `Invalid ${name}: got ${got}; accepted: ${accepted}.`
  return new StorageError({ code: 'CONFIG_INVALID', op: 'serve', message })
}
