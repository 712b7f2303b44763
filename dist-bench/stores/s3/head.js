import { StorageError } from '../../core/errors.js';
import { s3CodeOf, unprovenAnswer } from './errors.js';
import { readStoredObject } from './metadata.js';
import { keyPath, versionQuery } from './requests.js';
/** Statuses that do not say what they mean without a document. */
const REFUSALS = [301, 400, 403, 404];
/** What a delete marker is answered with that was asked for by its version. */
const NO_BYTES = 405;
/** All that S3 tells of an object without its bytes (S3 API, "HeadObject"). @throws `NOT_FOUND` */
export async function headObject(context, key, options = {}) {
    return (await headStored(context, key, options)).stat;
}
/**
 * As {@link headObject}, with what only this store needs to know.
 *
 * @param versionId the version to ask for; the current one unless given
 */
export async function headStored(context, key, options, op = 'head', versionId) {
    const { client } = context;
    const call = {
        op,
        key,
        method: 'HEAD',
        path: keyPath(client, key),
        signal: options.signal,
        once: options.once,
        expected: versionId === undefined ? REFUSALS : [...REFUSALS, NO_BYTES],
        ...(versionId !== undefined && { query: versionQuery(versionId) }),
    };
    const answer = await client.send(call, answer => answer);
    if (answer.status === 404 && client.provesAbsence(answer.headers)) {
        client.hear(answer.headers);
        throw absent(op, key);
    }
    if (answer.status >= 300)
        return settle(context, call);
    client.hear(answer.headers);
    return readHead(call, key, answer);
}
/**
 * The answer to a HEAD has no document, so a refusal does not say what it means. A GET of one byte is refused
 * for the same reason, and says so.
 */
async function settle(context, head) {
    const { op, key, path, query, signal, once } = head;
    const call = {
        op,
        key,
        method: 'GET',
        path,
        headers: ['range', 'bytes=0-0'],
        signal,
        once,
        ...(query !== undefined && { query }),
    };
    try {
        const answer = await context.client.send(call, answer => answer);
        // It was written in the meantime.
        const size = /^bytes 0-0\/(\d{1,15})$/.exec(answer.headers.get('content-range') ?? '')?.[1];
        if (size === undefined)
            throw unprovenAnswer(call, answer.status, 'it has no Content-Range');
        return readStoredObject(key, answer.headers, Number(size));
    }
    catch (error) {
        if (s3CodeOf(error) !== 'InvalidRange')
            throw error;
        // It is empty, and has no byte to ask for.
        const { expected: _, ...again } = head;
        return readHead(again, key, await context.client.send(again, answer => answer));
    }
}
function readHead(call, key, answer) {
    const size = answer.headers.contentLength();
    if (size === undefined)
        throw unprovenAnswer(call, answer.status, 'it has no Content-Length');
    const stored = readStoredObject(key, answer.headers, size);
    if (stored.stat.etag === '')
        throw unprovenAnswer(call, answer.status, 'it has no ETag');
    return stored;
}
/** The error for an object that is not there. */
export function absent(op, key) {
    return new StorageError({
        code: 'NOT_FOUND',
        op,
        key,
        store: 's3',
        message: 'There is no object under this key.',
    });
}
//# sourceMappingURL=head.js.map