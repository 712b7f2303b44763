import { ERROR_CODES, StorageError } from '../core/errors.js';
import { awaitsContinue } from './expectation.js';
/** A body that the client declared to be this small is read to its end, so that the connection can be kept. */
const DISCARD_BYTES = 64 * 1024;
/** How long a client may go on sending a body that nobody wants, before the connection is cut. */
const LINGER_MS = 5000;
/** What a client is told where the cause is ours to know: a store's own words may name hosts and folders. */
const PUBLIC_MESSAGES = {
    NOT_FOUND: 'There is no such file.',
    UNAVAILABLE: 'The store cannot be reached at the moment.',
    TIMEOUT: 'The store did not answer in time.',
    THROTTLED: 'The store asks to slow down.',
    NO_SPACE: 'The storage is full.',
    INTEGRITY: 'The stored bytes are not those that were written.',
};
const INTERNAL_MESSAGE = 'Something went wrong in the server; its log says what.';
/** Headers of every answer that is not a file. */
const PLAIN_HEADERS = {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
};
/** Answers with JSON. Ends the answer. */
export function sendJson(request, response, status, body, headers = {}) {
    sendText(request, response, status, JSON.stringify(body), {
        'content-type': 'application/json; charset=utf-8',
        ...headers,
    });
}
/** Answers with text (or nothing, with status 204) that may be shown to nobody else. Ends the answer. */
export function sendText(request, response, status, text, headers) {
    const body = Buffer.from(text);
    finish(request, response, status, body, {
        ...PLAIN_HEADERS,
        ...(status !== 204 && { 'content-length': body.length }),
        ...headers,
    });
}
/**
 * Answers with an error as `{"error": {code, message, key?, retryable, retryAfterMs?}}`, and logs it where the fault is
 * not the client's. An answer that has begun can only be broken off, so that no client takes a part for the whole.
 */
export function sendError(request, response, thrown, logger, answer = {}) {
    const error = StorageError.is(thrown) ? thrown : unexpected(thrown);
    const status = answer.status ?? statusOf(error);
    // Nobody is left to answer, and what failed may have failed because of that.
    if (response.destroyed)
        return;
    if (status >= 500)
        log(logger, request, error);
    if (response.headersSent) {
        response.destroy();
        return;
    }
    const { code, key, retryable, retryAfterMs } = error;
    const headers = { 'x-holdfast-error': code, ...answer.headers };
    // Whole seconds (RFC 9110, section 10.2.3). Where the store said nothing, one: it may be back at any moment.
    if (retryable)
        headers['retry-after'] = String(Math.max(1, Math.ceil((retryAfterMs ?? 1000) / 1000)));
    if (status === 401)
        headers['www-authenticate'] = 'Bearer realm="holdfast"';
    const message = publicMessage(error, status);
    sendJson(request, response, status, { error: { code, message, key, retryable, retryAfterMs } }, headers);
}
/** A store that does not know *our* credentials is our fault: 401 would blame the client's. */
function statusOf(error) {
    if (error.code === 'UNAUTHENTICATED' && error.store !== undefined)
        return 500;
    return ERROR_CODES[error.code]?.httpStatus ?? 500;
}
function publicMessage(error, status) {
    if (error.op === 'http')
        return error.message;
    const message = PUBLIC_MESSAGES[error.code];
    if (message !== undefined)
        return message;
    return status >= 500 && error.code !== 'UNSUPPORTED' ? INTERNAL_MESSAGE : error.message;
}
function unexpected(cause) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    return new StorageError({ code: 'INTERNAL', op: 'serve', message: `Unexpected failure: ${why}`, cause });
}
function log(logger, request, error) {
    const { code, op, key, store } = error;
    const fields = { code, op, key, store, method: request.method, path: loggedPath(request) };
    if (error.retryable)
        logger.warn(fields, error.message);
    else
        logger.error(fields, error.message);
}
/** The request's path as it may be logged: the query can hold a signature. */
export function loggedPath(request) {
    return request.url?.replace(/\?.*$/s, '') ?? '';
}
/**
 * Writes a whole answer, whatever has become of the request's body. Cutting the connection while the client is still
 * sending would destroy the answer before it is read (RFC 9112, section 9.6): a small rest is read and dropped, of a
 * large one so much as comes within some seconds of the answer.
 */
function finish(request, response, status, body, headers) {
    if (!isArriving(request)) {
        response.writeHead(status, headers);
        response.end(body);
        return;
    }
    if (awaitsContinue(request) || headers.connection === 'close') {
        // A client that waits for 100 Continue may send the body or not, now that it has an answer: only the end of the
        // connection is clear to both.
        response.writeHead(status, { ...headers, connection: 'close' });
        response.end(body);
        return;
    }
    if (Number(request.headers['content-length']) <= DISCARD_BYTES) {
        response.writeHead(status, headers);
        response.end(body);
        request.resume();
        return;
    }
    response.writeHead(status, { ...headers, connection: 'close' });
    if (request.method === 'HEAD' || body.length === 0)
        response.flushHeaders();
    else
        response.write(body);
    const timer = setTimeout(end, LINGER_MS);
    function end() {
        clearTimeout(timer);
        response.end();
    }
    request.once('end', end).once('close', end).resume();
}
/** Whether some of the request's body is still to come. */
function isArriving(request) {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    return (encoding !== undefined || (length !== undefined && length !== '0')) && !request.complete;
}
/** An error of a connection that is gone is told to nobody, and must not end the process. */
export function ignoreErrors(stream) {
    if (stream.listenerCount('error', nothing) === 0)
        stream.on('error', nothing);
}
function nothing() { }
//# sourceMappingURL=answer.js.map