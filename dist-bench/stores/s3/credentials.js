import { StorageError } from '../../core/errors.js';
/** Temporary credentials are replaced this long before they end, and must be to be sent at all. */
const REFRESH_MS = 5 * 60_000;
const LAST_USE_MS = 10_000;
/** After a refresh failed while the old ones still serve, the next is tried no sooner. */
const REFRESH_PAUSE_MS = 10_000;
/**
 * Makes a source of credentials: static ones, a caller's provider, or the AWS default chain (environment,
 * shared files, SSO, web identity, container and instance roles), which is loaded on first use.
 *
 * @throws StorageError `CONFIG_INVALID` if only one half of a key is given
 */
export function credentialSource(option, logger) {
    if (typeof option === 'function')
        return new ProvidedCredentials(option, logger);
    const accessKeyId = option?.accessKeyId || undefined;
    const secretAccessKey = option?.secretAccessKey || undefined;
    const sessionToken = option?.sessionToken || undefined;
    if (accessKeyId === undefined && secretAccessKey === undefined) {
        return new ProvidedCredentials(defaultChain(), logger);
    }
    if (accessKeyId === undefined || secretAccessKey === undefined) {
        const [given, missing] = accessKeyId === undefined ? ['secret', 'access key id'] : ['access key id', 'secret'];
        throw new StorageError({
            code: 'CONFIG_INVALID',
            op: 'config',
            store: 's3',
            message: `The credentials have a ${given} and no ${missing}; accepted: both, or neither for the AWS default chain.`,
        });
    }
    const credentials = { accessKeyId, secretAccessKey, sessionToken };
    return { get: () => credentials, expire: () => false };
}
/** The chain itself keeps nothing for us: what it gives is kept and refreshed in one place, below. */
function defaultChain() {
    let chain;
    return async () => {
        if (chain === undefined) {
            const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
            chain = fromNodeProviderChain();
        }
        return chain();
    };
}
/** Credentials that are fetched, kept, and refreshed before they end; one fetch serves all who wait. */
class ProvidedCredentials {
    #provider;
    #logger;
    #current;
    #refreshAt = 0;
    #lastUse = 0;
    #fetching;
    constructor(provider, logger) {
        this.#provider = provider;
        this.#logger = logger;
    }
    get() {
        const current = this.#current;
        if (current === undefined)
            return this.#fetch();
        const now = Date.now();
        if (now < this.#refreshAt)
            return current;
        if (now >= this.#lastUse)
            return this.#fetch();
        // They still serve: nobody waits for the new ones.
        this.#refreshAt = now + REFRESH_PAUSE_MS;
        this.#fetch().catch((error) => {
            this.#logger.warn({ err: error }, 'The credentials could not be refreshed; the old ones still serve.');
        });
        return current;
    }
    expire(refused) {
        if (this.#current === refused)
            this.#current = undefined;
        return true;
    }
    #fetch() {
        this.#fetching ??= this.#load().finally(() => {
            this.#fetching = undefined;
        });
        return this.#fetching;
    }
    async #load() {
        let loaded;
        try {
            loaded = await this.#provider();
        }
        catch (cause) {
            throw unauthenticated(`No credentials could be had: ${cause instanceof Error ? cause.message : String(cause)} Give an access key and secret, or set up a source of the AWS default chain.`, cause);
        }
        if (!loaded?.accessKeyId || !loaded.secretAccessKey) {
            throw unauthenticated('The credential provider gave no access key id or no secret.');
        }
        const end = loaded.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
        this.#current = {
            accessKeyId: loaded.accessKeyId,
            secretAccessKey: loaded.secretAccessKey,
            sessionToken: loaded.sessionToken || undefined,
        };
        this.#lastUse = end - LAST_USE_MS;
        this.#refreshAt = end - REFRESH_MS;
        return this.#current;
    }
}
function unauthenticated(message, cause) {
    return new StorageError({ code: 'UNAUTHENTICATED', op: 'sign', store: 's3', message, cause });
}
//# sourceMappingURL=credentials.js.map