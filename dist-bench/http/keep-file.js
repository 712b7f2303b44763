import { StorageError } from '../core/errors.js';
import { sendError, sendJson } from './answer.js';
import { quoteEtag } from './conditions.js';
import { splitTarget } from './target.js';
/** What may be done with a file. To keep it is a POST to its `?keep`; to any other query of it there is none. */
export function fileMethods(query) {
    return new URLSearchParams(query).has('keep')
        ? 'GET, HEAD, PUT, POST, DELETE, OPTIONS'
        : 'GET, HEAD, PUT, DELETE, OPTIONS';
}
/**
 * `POST /uploads/<key>?keep`: ends a file's expiry. Answered with 200 and what `statFile` tells. A POST without `?keep`
 * is no request to a file (405).
 */
export async function keepFile({ storage, settings }, request, response, key) {
    const { query } = splitTarget(request.url ?? '');
    const allow = fileMethods(query);
    if (storage.keepFile === undefined || !allow.includes('POST')) {
        const message = 'A POST to a file takes "?keep", and does nothing else.';
        const error = new StorageError({ code: 'UNSUPPORTED', op: 'http', key, message });
        return sendError(request, response, error, settings.logger, { status: 405, headers: { allow } });
    }
    const stat = await storage.keepFile(key);
    sendJson(request, response, 200, stat, { etag: quoteEtag(stat.etag) });
}
//# sourceMappingURL=keep-file.js.map