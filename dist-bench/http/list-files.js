import { StorageError, shown } from '../core/errors.js';
import { sendJson } from './answer.js';
/** `GET /uploads?prefix=&delimiter=&cursor=&limit=`: one page of a listing as JSON, a `ListPage`. */
export async function listFiles({ storage }, request, response, prefix, query) {
    const listing = storage.list({
        prefix,
        delimiter: query.get('delimiter') || undefined,
        cursor: query.get('cursor') || undefined,
        limit: limitOf(query.get('limit')),
    });
    for await (const page of listing.pages()) {
        sendJson(request, response, 200, page);
        return;
    }
    throw new StorageError({ code: 'INTERNAL', op: 'list', message: 'The listing has no page.' });
}
function limitOf(text) {
    if (text === null || text === '')
        return undefined;
    if (/^\d{1,4}$/.test(text))
        return Number(text);
    const message = `Invalid limit ${shown(text)}; accepted: a whole number from 1 to 1000.`;
    throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'list', message });
}
//# sourceMappingURL=list-files.js.map