import { StorageError } from '../core/errors.js';
import { encodeKey } from '../core/key.js';
import { sendError, sendJson, sendText } from './answer.js';
import { decideWrite, isConditionalWrite, quoteEtag, storeCondition } from './conditions.js';
import { awaitsContinue } from './expectation.js';
import { RequestBody } from './request-body.js';
import { UPLOADS } from './target.js';
import { uploadOptions } from './upload-headers.js';
/**
 * `PUT /uploads/<key>` (RFC 9110, section 9.3.4): stores the body as it arrives, whole or not at all. Answered with
 * 201 and the {@link UploadResult} (but for `path`); 200 where a condition proved that there was a file before.
 */
export async function writeFile(context, request, response, key, signed) {
    const { storage, settings, traffic } = context;
    const options = uploadOptions(request.headers, settings.maxUploadBytes, signed !== undefined);
    if (request.readableDidRead || request.readableEnded) {
        // Storing what is left would be storing nothing, and reporting success.
        const message = 'The body was read before Holdfast got the request: mount it before any body parser.';
        throw new StorageError({ code: 'INTERNAL', op: 'http', key, message });
    }
    const condition = await writeCondition(context, request, key);
    const body = new RequestBody(request, response, settings.idleTimeoutMs, traffic);
    let result;
    try {
        result = await storage.uploadFile(body, key, { ...options, ...condition });
    }
    catch (error) {
        if (!body.timedOut)
            throw error;
        // RFC 9110, section 15.5.9: the client, not the store, was too slow.
        const headers = { connection: 'close' };
        return sendError(request, response, error, settings.logger, { status: 408, headers });
    }
    finally {
        await body.return();
    }
    // Where the bytes lie on this machine is nothing to its clients.
    const answer = { ...result, path: undefined };
    sendJson(request, response, condition?.ifMatch === undefined ? 201 : 200, answer, {
        etag: quoteEtag(result.etag),
        location: `${settings.basePath}${UPLOADS}${encodeKey(key)}`,
    });
}
/** `DELETE /uploads/<key>` (RFC 9110, section 9.3.5): 204, whether there was a file or not. */
export async function deleteFile(context, request, response, key) {
    if (request.headers['if-none-match'] !== undefined) {
        const message = 'A DELETE takes If-Match or If-Unmodified-Since, and no If-None-Match.';
        throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', key, message });
    }
    const condition = await writeCondition(context, request, key);
    const absent = condition?.ifNoneMatch === '*';
    if (!absent)
        await context.storage.deleteFile(key, { ifMatch: condition?.ifMatch });
    sendText(request, response, 204, '', {});
}
/**
 * The condition to give the store. What the store cannot decide alone is decided here and pinned to what was seen; and
 * where the client waits with its body, everything is, so that a body that would be refused is never sent.
 */
async function writeCondition({ storage }, request, key) {
    if (!isConditionalWrite(request.headers))
        return undefined;
    const direct = storeCondition(request.headers);
    if (direct !== undefined && !awaitsContinue(request))
        return direct;
    let stat;
    try {
        stat = await storage.statFile(key);
    }
    catch (error) {
        if (!StorageError.is(error, 'NOT_FOUND'))
            throw error;
    }
    const pinned = decideWrite(request.headers, stat);
    return direct ?? pinned;
}
//# sourceMappingURL=write-file.js.map