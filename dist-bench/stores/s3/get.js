import { constants } from 'node:buffer';
import { StorageError } from '../../core/errors.js';
import { formatRange, resolveRange } from '../../core/range.js';
import { conditionFailed } from './conditions.js';
import { integrityError, transportError, unprovenAnswer } from './errors.js';
import { headStored } from './head.js';
import { readStoredObject } from './metadata.js';
import { keyPath, versionQuery } from './requests.js';
import { verifierFor, verifyBytes } from './verify.js';
/**
 * Opens an object (S3 API, "GetObject"). The bytes of a whole object are checked when their end is reached, those
 * of a range by their place and number.
 *
 * @param versionId the version to open; the current one unless given
 */
export async function getObject(context, key, options = {}, versionId) {
    const { client } = context;
    const { range, ifMatch, ifNoneMatch, signal } = options;
    if (range !== undefined)
        await checkRange(context, key, options, versionId);
    const headers = [];
    if (range !== undefined)
        headers.push('range', formatRange(range));
    if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
        headers.push('if-none-match', `"${ifNoneMatch}"`);
    const call = {
        op: 'get',
        key,
        method: 'GET',
        path: keyPath(client, key),
        headers,
        signal,
        ...(ifNoneMatch !== undefined && { expected: [304] }),
        ...(versionId !== undefined && { query: versionQuery(versionId) }),
    };
    const answer = await client.open(call);
    if (answer.status === 304)
        throw conditionFailed('get', key, options);
    const opened = answer;
    try {
        const object = openAnswer(context, call, key, opened, options);
        // If-Match is judged here: servers differ in how they want it written.
        const { etag } = object.stat;
        if ((ifMatch !== undefined && etag !== ifMatch) ||
            (ifNoneMatch !== undefined && isOneOf(etag, ifNoneMatch))) {
            throw conditionFailed('get', key, options);
        }
        return object;
    }
    catch (error) {
        opened.body.discard();
        throw error;
    }
}
function isOneOf(etag, ifNoneMatch) {
    return ifNoneMatch === '*' || etag === ifNoneMatch;
}
function openAnswer(context, call, key, answer, options) {
    const { headers, status } = answer;
    const length = headers.contentLength();
    if (length === undefined)
        throw unprovenAnswer(call, status, 'it has no Content-Length');
    const range = options.range === undefined ? undefined : answeredRange(call, answer, length, options);
    const stored = readStoredObject(key, headers, range?.size ?? length);
    if (stored.stat.etag === '')
        throw unprovenAnswer(call, status, 'it has no ETag');
    const whole = range === undefined || length === range.size;
    const body = new S3Body(context, call, answer.body, stored, length, whole);
    return { stat: stored.stat, ...(range !== undefined && { range }), body };
}
/** Refuses what no server needs to be asked; `bytes=-0` cannot even be asked for. */
async function checkRange(context, key, { range, signal }, versionId) {
    if (range === undefined)
        return;
    if ('last' in range && range.last === 0) {
        const { stat } = await headStored(context, key, { signal }, 'head', versionId);
        resolveRange(range, stat.size, key);
    }
    resolveRange(range, Number.MAX_SAFE_INTEGER, key);
}
/** The range that the answer holds, which must be the one asked for. */
function answeredRange(call, answer, length, { range }) {
    if (range === undefined)
        return undefined;
    const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(answer.headers.get('content-range') ?? '');
    if (answer.status !== 206 || match === null) {
        throw unprovenAnswer(call, answer.status, 'it is not the range that was asked for');
    }
    const got = { start: Number(match[1]), end: Number(match[2]), size: Number(match[3]) };
    const asked = resolveRange(range, got.size, call.key);
    if (got.start !== asked.start || got.end !== asked.end || length !== asked.end - asked.start + 1) {
        throw integrityError(call, `The store answered bytes ${got.start}-${got.end} of ${got.size} in ${length} bytes to a request for ${formatRange(range)}.`);
    }
    return got;
}
/** The bytes of an object as they come from S3, checked at their end. */
class S3Body {
    #context;
    #call;
    #source;
    #stored;
    #length;
    /** Whether these are the bytes of the whole object. */
    #whole;
    #used = false;
    constructor(context, call, source, stored, length, whole) {
        this.#context = context;
        this.#call = call;
        this.#source = source;
        this.#stored = stored;
        this.#length = length;
        this.#whole = whole;
    }
    async bytes(maxBytes) {
        this.#use();
        const limit = Math.min(maxBytes ?? constants.MAX_LENGTH, constants.MAX_LENGTH);
        if (this.#length > limit) {
            await this.close();
            throw new StorageError({
                code: 'TOO_LARGE',
                op: 'get',
                key: this.#call.key,
                store: 's3',
                message: `The object has ${this.#length} bytes, and at most ${limit} are read at once.`,
            });
        }
        let bytes;
        try {
            bytes = await this.#source.rest(this.#length);
        }
        catch (error) {
            throw transportError(this.#call, error, this.#call.signal);
        }
        if (bytes.length !== this.#length)
            throw this.#short(bytes.length);
        if (this.#whole) {
            const failed = verifyBytes(this.#stored, bytes);
            if (failed !== undefined)
                await this.#mismatch(failed);
        }
        return bytes;
    }
    async *[Symbol.asyncIterator]() {
        this.#use();
        const verifier = this.#whole ? verifierFor(this.#stored) : undefined;
        let read = 0;
        let ended = false;
        try {
            for (;;) {
                const chunk = await this.#next();
                if (chunk === undefined)
                    break;
                read += chunk.length;
                if (read > this.#length)
                    throw this.#short(read);
                verifier?.update(chunk);
                yield chunk;
            }
            ended = true;
            if (read !== this.#length)
                throw this.#short(read);
            if (verifier !== undefined && !verifier.matches())
                await this.#mismatch(verifier);
        }
        finally {
            if (!ended)
                await this.close();
        }
    }
    async close() {
        this.#used = true;
        this.#source.discard();
    }
    async #next() {
        try {
            return await this.#source.next();
        }
        catch (error) {
            throw transportError(this.#call, error, this.#call.signal);
        }
    }
    #use() {
        if (this.#used) {
            throw new StorageError({
                code: 'INVALID_ARGUMENT',
                op: 'get',
                key: this.#call.key,
                store: 's3',
                message: 'The body was read or closed already; open the object again.',
            });
        }
        this.#used = true;
    }
    #short(read) {
        return integrityError(this.#call, `The store announced ${this.#length} bytes and sent ${read}.`);
    }
    /** Bytes that do not fit an ETag are only wrong where ETags are MD5s, which not every server makes them. */
    async #mismatch(verifier) {
        if (verifier.by === 'MD5 ETag') {
            const isMd5 = await this.#context.profile.ask('etagIsMd5').catch(() => true);
            if (!isMd5)
                return;
        }
        throw integrityError(this.#call, `The object's bytes do not have its ${verifier.by}.`);
    }
}
//# sourceMappingURL=get.js.map