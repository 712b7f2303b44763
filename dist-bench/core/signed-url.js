import { createHmac, timingSafeEqual } from 'node:crypto';
import { StorageError, shown } from './errors.js';
import { encodeKey, isKey } from './key.js';
/** The longest a signed URL may be good for: 7 days, as with SigV4 query authentication. */
export const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;
const PATH = '/uploads/';
/** Longer URLs are refused before anything is computed. */
const MAX_URL_LENGTH = 16 * 1024;
/**
 * A URL that lets its bearer do one thing with one object for a while:
 * `/uploads/<encoded key>?expires=<unix seconds>[&contentType=…][&disposition=…]&signature=<base64url>`.
 * The signature is an HMAC-SHA256 (RFC 2104) over method, key, expiry, content type and disposition. The
 * method is not in the URL: one for `GET` (which is good for `HEAD` too) is none for `PUT`.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a time other than 1 second to 7 days, a method other than GET
 *   and PUT, or a disposition for PUT; `CONFIG_INVALID` without a key
 */
export function signUrl(keys, key, options) {
    const { method, expiresInSeconds, contentType, contentDisposition, baseUrl = '', nowMs = Date.now(), } = options;
    if (method !== 'GET' && method !== 'PUT') {
        throw invalid(key, `Invalid method ${shown(method)}; accepted: "GET" and "PUT".`);
    }
    if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > MAX_EXPIRES_SECONDS) {
        throw invalid(key, `Invalid expiresInSeconds ${shown(expiresInSeconds)}; accepted: whole seconds from 1 to ${MAX_EXPIRES_SECONDS} (7 days).`);
    }
    if (method === 'PUT' && contentDisposition !== undefined) {
        throw invalid(key, 'A contentDisposition can be signed for GET only.');
    }
    const [secret] = keys;
    if (secret === undefined || secret.length === 0) {
        throw new StorageError({
            code: 'CONFIG_INVALID',
            op: 'presign',
            key,
            message: 'There is no key to sign URLs with.',
        });
    }
    const expires = Math.floor(nowMs / 1000) + expiresInSeconds;
    const query = new URLSearchParams({ expires: String(expires) });
    if (contentType !== undefined)
        query.set('contentType', contentType);
    if (contentDisposition !== undefined)
        query.set('disposition', contentDisposition);
    query.set('signature', sign(secret, { method, key, expires, contentType, contentDisposition }));
    return `${baseUrl.replace(/\/+$/, '')}${PATH}${encodeKey(key)}?${query}`;
}
/**
 * What a signed URL grants for a request; undefined if it is not signed, was altered in any part, is for
 * another method or has run out. Signatures are compared in constant time.
 *
 * @param method of the request; `HEAD` is granted by a URL for `GET`
 * @param pathAndQuery as the request names them, from `/uploads/` on
 */
export function verifySignedUrl(keys, method, pathAndQuery, nowMs = Date.now()) {
    const signedMethod = method === 'HEAD' ? 'GET' : method;
    if (signedMethod !== 'GET' && signedMethod !== 'PUT')
        return undefined;
    if (typeof pathAndQuery !== 'string' ||
        pathAndQuery.length > MAX_URL_LENGTH ||
        !pathAndQuery.startsWith(PATH))
        return undefined;
    const mark = pathAndQuery.indexOf('?');
    if (mark === -1)
        return undefined;
    const key = decode(pathAndQuery.slice(PATH.length, mark));
    const query = parseQuery(pathAndQuery.slice(mark + 1));
    if (key === undefined || query === undefined)
        return undefined;
    const { expires, contentType, contentDisposition } = query;
    // The text is compared, not what it decodes to: the last digit of base64 has bits that mean nothing.
    const given = Buffer.from(query.signature);
    let matches = false;
    for (const secret of keys) {
        if (secret.length === 0)
            continue;
        const expected = Buffer.from(sign(secret, { method: signedMethod, key, expires, contentType, contentDisposition }));
        // Every key is tried, so that the time taken does not tell which one it was.
        if (given.length === expected.length && timingSafeEqual(given, expected))
            matches = true;
    }
    if (!matches || nowMs >= expires * 1000)
        return undefined;
    return {
        method: signedMethod,
        key,
        expiresAt: new Date(expires * 1000),
        ...(contentType !== undefined && { contentType }),
        ...(contentDisposition !== undefined && { contentDisposition }),
    };
}
function sign(secret, signed) {
    const { method, key, expires, contentType = null, contentDisposition = null } = signed;
    // JSON keeps the parts apart, whatever they hold.
    const text = JSON.stringify(['holdfast-url-1', method, key, expires, contentType, contentDisposition]);
    return createHmac('sha256', secret).update(text).digest('base64url');
}
function decode(path) {
    try {
        const key = decodeURIComponent(path);
        return isKey(key) ? key : undefined;
    }
    catch {
        return undefined;
    }
}
/** Reads the parameters; undefined where one is missing, given twice, or none of ours (it would not be signed). */
function parseQuery(text) {
    const found = new Map();
    for (const [name, value] of new URLSearchParams(text)) {
        if (!PARAMETERS.has(name) || found.has(name))
            return undefined;
        found.set(name, value);
    }
    const expires = found.get('expires');
    const signature = found.get('signature');
    if (signature === undefined || expires === undefined || !/^[1-9]\d{0,11}$/.test(expires))
        return undefined;
    return {
        expires: Number(expires),
        signature,
        contentType: found.get('contentType'),
        contentDisposition: found.get('disposition'),
    };
}
const PARAMETERS = new Set(['expires', 'signature', 'contentType', 'disposition']);
function invalid(key, message) {
    return new StorageError({ code: 'INVALID_ARGUMENT', op: 'presign', key, message });
}
//# sourceMappingURL=signed-url.js.map