import type { Logger } from '../../core/logger.js';
import type { Credentials } from './sigv4.js';
/** Credentials that may end. */
export interface ExpiringCredentials extends Credentials {
    readonly expiration?: Date | undefined;
}
/** Gives credentials whenever they are needed anew. */
export type CredentialProvider = () => Promise<ExpiringCredentials>;
/** A fixed key, a provider, or undefined for the AWS default chain. An empty string counts as unset. */
export type CredentialsOption = {
    readonly accessKeyId?: string | undefined;
    readonly secretAccessKey?: string | undefined;
    readonly sessionToken?: string | undefined;
} | CredentialProvider | undefined;
/** The credentials to sign with now. */
export interface CredentialSource {
    /** At once where they are at hand. @throws StorageError `UNAUTHENTICATED` where none can be had */
    get(): Credentials | Promise<Credentials>;
    /** Drops what the store refused. @returns whether others can be had */
    expire(refused: Credentials): boolean;
}
/**
 * Makes a source of credentials: static ones, a caller's provider, or the AWS default chain (environment,
 * shared files, SSO, web identity, container and instance roles), which is loaded on first use.
 *
 * @throws StorageError `CONFIG_INVALID` if only one half of a key is given
 */
export declare function credentialSource(option: CredentialsOption, logger: Logger): CredentialSource;
