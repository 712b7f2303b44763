import { StorageError } from '../../core/errors.js'
import type { Logger } from '../../core/logger.js'
import type { Credentials } from './sigv4.js'

/** Credentials that may end. */
export interface ExpiringCredentials extends Credentials {
  readonly expiration?: Date | undefined
}

/** Gives credentials whenever they are needed anew. */
export type CredentialProvider = () => Promise<ExpiringCredentials>

/** A fixed key, a provider, or undefined for the AWS default chain. An empty string counts as unset. */
export type CredentialsOption =
  | {
      readonly accessKeyId?: string | undefined
      readonly secretAccessKey?: string | undefined
      readonly sessionToken?: string | undefined
    }
  | CredentialProvider
  | undefined

/** Temporary credentials are replaced this long before they end, and must be to be sent at all. */
const REFRESH_MS = 5 * 60_000
const LAST_USE_MS = 10_000
/** After a refresh failed while the old ones still serve, the next is tried no sooner. */
const REFRESH_PAUSE_MS = 10_000

/** The credentials to sign with now. */
export interface CredentialSource {
  /** At once where they are at hand. @throws StorageError `UNAUTHENTICATED` where none can be had */
  get(): Credentials | Promise<Credentials>
  /** Drops what the store refused. @returns whether others can be had */
  expire(refused: Credentials): boolean
}

/**
 * Makes a source of credentials: static ones, a caller's provider, or the AWS default chain (environment,
 * shared files, SSO, web identity, container and instance roles), which is loaded on first use.
 *
 * @throws StorageError `CONFIG_INVALID` if only one half of a key is given
 */
export function credentialSource(option: CredentialsOption, logger: Logger): CredentialSource {
  if (typeof option === 'function') return new ProvidedCredentials(option, logger)
  const accessKeyId = option?.accessKeyId || undefined
  const secretAccessKey = option?.secretAccessKey || undefined
  const sessionToken = option?.sessionToken || undefined
  if (accessKeyId === undefined && secretAccessKey === undefined) {
    return new ProvidedCredentials(defaultChain(), logger)
  }
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const [given, missing] =
      accessKeyId === undefined ? ['secret', 'access key id'] : ['access key id', 'secret']
    throw new StorageError({
      code: 'CONFIG_INVALID',
      op: 'config',
      store: 's3',
      message: `The credentials have a ${given} and no ${missing}; accepted: both, or neither for the AWS default chain.`,
    })
  }
  const credentials = { accessKeyId, secretAccessKey, sessionToken }
  return { get: () => credentials, expire: () => false }
}

/** The chain itself keeps nothing for us: what it gives is kept and refreshed in one place, below. */
function defaultChain(): CredentialProvider {
  let chain: CredentialProvider | undefined
  return async () => {
    if (chain === undefined) {
      const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers')
      chain = fromNodeProviderChain()
    }
    return chain()
  }
}

/** Credentials that are fetched, kept, and refreshed before they end; one fetch serves all who wait. */
class ProvidedCredentials implements CredentialSource {
  readonly #provider: CredentialProvider
  readonly #logger: Logger
  #current: Credentials | undefined
  #refreshAt = 0
  #lastUse = 0
  #fetching: Promise<Credentials> | undefined

  constructor(provider: CredentialProvider, logger: Logger) {
    this.#provider = provider
    this.#logger = logger
  }

  get(): Credentials | Promise<Credentials> {
    const current = this.#current
    if (current === undefined) return this.#fetch()
    const now = Date.now()
    if (now < this.#refreshAt) return current
    if (now >= this.#lastUse) return this.#fetch()
    // They still serve: nobody waits for the new ones.
    this.#refreshAt = now + REFRESH_PAUSE_MS
    this.#fetch().catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'The credentials could not be refreshed; the old ones still serve.')
    })
    return current
  }

  expire(refused: Credentials): boolean {
    if (this.#current === refused) this.#current = undefined
    return true
  }

  #fetch(): Promise<Credentials> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #load(): Promise<Credentials> {
    let loaded: ExpiringCredentials
    try {
      loaded = await this.#provider()
    } catch (cause) {
      throw unauthenticated(
        `No credentials could be had: ${cause instanceof Error ? cause.message : String(cause)} Give an access key and secret, or set up a source of the AWS default chain.`,
        cause,
      )
    }
    if (!loaded?.accessKeyId || !loaded.secretAccessKey) {
      throw unauthenticated('The credential provider gave no access key id or no secret.')
    }
    const end = loaded.expiration?.getTime() ?? Number.POSITIVE_INFINITY
    this.#current = {
      accessKeyId: loaded.accessKeyId,
      secretAccessKey: loaded.secretAccessKey,
      sessionToken: loaded.sessionToken || undefined,
    }
    this.#lastUse = end - LAST_USE_MS
    this.#refreshAt = end - REFRESH_MS
    return this.#current
  }
}

function unauthenticated(message: string, cause?: unknown): StorageError {
  return new StorageError({ code: 'UNAUTHENTICATED', op: 'sign', store: 's3', message, cause })
}
