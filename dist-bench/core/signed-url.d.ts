import type { PresignOptions } from './store.js';
/** The longest a signed URL may be good for: 7 days, as with SigV4 query authentication. */
export declare const MAX_EXPIRES_SECONDS: number;
/** Secrets to sign with. The first signs, all verify: so one can be replaced without breaking URLs in use. */
export type SigningKeys = readonly (string | Uint8Array)[];
/** What a signed URL grants. */
export interface SignedAccess {
    readonly method: 'GET' | 'PUT';
    readonly key: string;
    /** When the URL runs out. */
    readonly expiresAt: Date;
    readonly contentType?: string;
    readonly contentDisposition?: string;
}
export interface SignUrlOptions extends PresignOptions {
    /** Start of the URL, such as `https://files.example.org`; a path alone unless given. */
    readonly baseUrl?: string | undefined;
    /** Milliseconds since the epoch; now unless given. */
    readonly nowMs?: number | undefined;
}
/**
 * A URL that lets its bearer do one thing with one object for a while:
 * `/uploads/<encoded key>?expires=<unix seconds>[&contentType=…][&disposition=…]&signature=<base64url>`.
 * The signature is an HMAC-SHA256 (RFC 2104) over method, key, expiry, content type and disposition. The
 * method is not in the URL: one for `GET` (which is good for `HEAD` too) is none for `PUT`.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a time other than 1 second to 7 days, a method other than GET
 *   and PUT, or a disposition for PUT; `CONFIG_INVALID` without a key
 */
export declare function signUrl(keys: SigningKeys, key: string, options: SignUrlOptions): string;
/**
 * What a signed URL grants for a request; undefined if it is not signed, was altered in any part, is for
 * another method or has run out. Signatures are compared in constant time.
 *
 * @param method of the request; `HEAD` is granted by a URL for `GET`
 * @param pathAndQuery as the request names them, from `/uploads/` on
 */
export declare function verifySignedUrl(keys: SigningKeys, method: string, pathAndQuery: string, nowMs?: number): SignedAccess | undefined;
