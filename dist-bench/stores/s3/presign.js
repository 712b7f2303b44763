import { StorageError, shown } from '../../core/errors.js';
import { encodeKey } from '../../core/key.js';
import { MAX_PRESIGN_SECONDS } from './sigv4.js';
/**
 * A URL that lets its bearer read or write one object for a while (SigV4 query authentication). No checksum of
 * the body is asked for: the signer cannot know it. Temporary credentials end such a URL when they end.
 *
 * @param address as whoever uses the URL reaches the bucket
 * @throws StorageError `INVALID_ARGUMENT`
 */
export async function presignObject(client, address, key, options) {
    const { method, expiresInSeconds, contentType, contentDisposition } = options;
    if (method !== 'GET' && method !== 'PUT') {
        throw invalid(key, `Invalid method ${shown(method)}; accepted: "GET" or "PUT".`);
    }
    if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > MAX_PRESIGN_SECONDS) {
        throw invalid(key, `Invalid expiresInSeconds ${shown(expiresInSeconds)}; accepted: a whole number from 1 to ${MAX_PRESIGN_SECONDS} (7 days).`);
    }
    const parameters = [];
    const headers = [];
    if (method === 'PUT') {
        if (contentDisposition !== undefined) {
            throw invalid(key, 'contentDisposition is accepted for a URL to read with (GET) only.');
        }
        if (contentType !== undefined)
            headers.push('content-type', contentType);
    }
    else {
        if (contentType !== undefined)
            parameters.push(['response-content-type', contentType]);
        if (contentDisposition !== undefined)
            parameters.push(['response-content-disposition', contentDisposition]);
    }
    const path = address.keyPath + encodeKey(key);
    const query = await client.presign({ method, host: address.host, path, headers }, parameters, expiresInSeconds);
    return `${address.origin}${path}?${query}`;
}
function invalid(key, message) {
    return new StorageError({ code: 'INVALID_ARGUMENT', op: 'presign', key, store: 's3', message });
}
//# sourceMappingURL=presign.js.map