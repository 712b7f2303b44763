import { StorageError, throwIfAborted } from '../../core/errors.js';
import { addressOf } from './address.js';
import { credentialSource } from './credentials.js';
import { DEFAULT_DEADLINES } from './deadlines.js';
import { answerError, readErrorDocument, transportError, unprovenAnswer, } from './errors.js';
import { DEFAULT_RETRY, Retrier } from './retry.js';
import { canonicalQuery, EMPTY_SHA256, Signer } from './sigv4.js';
import { Transport } from './transport.js';
import { TransportError } from './transport-error.js';
const MAX_ANSWER_BYTES = 1024 * 1024;
/** On top of the total deadline, a body gets the time that it takes at this rate. */
const SLOWEST_BYTES_PER_MS = 64;
/** A correction of the clock by less would not help. */
const MIN_SKEW_MS = 60_000;
/** How long a sign of the bucket's existence lets a HEAD's 404, which cannot say so, speak of the object. */
const BUCKET_SEEN_MS = 5_000;
/**
 * Sends S3 requests to one bucket: signs them, repeats what may be repeated, turns refusals into errors, and
 * lets no answer pass that is not S3's.
 */
export class S3Client {
    address;
    bucket;
    deadlines;
    logger;
    #signer;
    #transport;
    #retrier;
    #credentials;
    /** The store's clock less ours, in milliseconds, once the store refused ours. */
    #skewMs = 0;
    /** Whether this endpoint puts `x-amz-request-id` on its answers; undefined until it is known. */
    #sendsIds;
    #identifying;
    #bucketSeen = Number.NEGATIVE_INFINITY;
    #heardTime = 0;
    #closed = false;
    /** @throws StorageError `CONFIG_INVALID` */
    constructor(options, logger) {
        this.address = addressOf(options);
        this.bucket = options.bucket;
        this.deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
        this.logger = logger;
        this.#signer = new Signer(options.region);
        this.#credentials = credentialSource(options.credentials, logger);
        this.#retrier = new Retrier({ ...DEFAULT_RETRY, ...options.retry });
        this.#transport = new Transport({
            origin: this.address.origin,
            connections: options.connections ?? 64,
            deadlines: this.deadlines,
        });
    }
    /** Milliseconds since the epoch by the store's clock, as far as it is known. */
    now() {
        return Date.now() + this.#skewMs;
    }
    /**
     * What an operation begins with that works before its first request.
     *
     * @throws StorageError `UNAVAILABLE` once closed, or the signal's if that has fired
     */
    enter(op, key, signal) {
        if (this.#closed)
            throw closedError(op, key);
        throwIfAborted(signal, op, key);
    }
    /**
     * Sends a request and reads its whole answer.
     *
     * @param read makes a result of a 2xx answer that was proven; what it throws fails the try
     * @throws StorageError
     */
    send(call, read) {
        const totalMs = this.#totalMs(call);
        const attempt = async (_, leftMs) => {
            const answer = (await this.#exchange(call, leftMs, false));
            return read(answer);
        };
        if (call.once === true)
            return attempt(1, totalMs);
        return this.#retrier.run(attempt, totalMs, call.signal, call.mutates);
    }
    /**
     * Sends a request and hands out its answer when the head is there. Only an answer of 200 or 206 has its body
     * still to be read.
     *
     * @throws StorageError
     */
    open(call) {
        return this.#retrier.run((_, leftMs) => this.#exchange(call, leftMs, true), this.#totalMs(call), call.signal);
    }
    /** The latest time that the store's own clock was heard to be: it is that now, or later. Milliseconds. */
    get heardTime() {
        return this.#heardTime;
    }
    /** Notes what an answer, known to be the store's, tells of its clock. */
    hear(headers) {
        const time = headers.date();
        if (time !== undefined && time > this.#heardTime)
            this.#heardTime = time;
    }
    /** The query of a presigned URL for a request. */
    async presign(request, parameters, expiresInSeconds) {
        const credentials = await this.#credentials.get();
        return this.#signer.presign(request, parameters, expiresInSeconds, credentials, this.now());
    }
    /** Whether a 404 without a document (to a HEAD) is S3's, and about the object rather than the bucket. */
    provesAbsence(headers) {
        const isS3 = this.#sendsIds === true && headers.get('x-amz-request-id') !== undefined;
        return isS3 && performance.now() - this.#bucketSeen < BUCKET_SEEN_MS;
    }
    /** Ends all requests within a few seconds; later ones fail. */
    async close() {
        this.#closed = true;
        await this.#transport.close();
    }
    #totalMs(call) {
        const { completeMs, totalMs } = this.deadlines;
        return (call.totalMs ?? (call.slow ? completeMs : totalMs) + (call.body?.length ?? 0) / SLOWEST_BYTES_PER_MS);
    }
    /** One try: a proven answer, or the error that it stands for. The clock and the credentials are mended once. */
    async #exchange(call, leftMs, open) {
        const start = performance.now();
        for (let mended = false;; mended = true) {
            const source = this.#credentials.get();
            const credentials = source instanceof Promise ? await source : source;
            const answer = await this.#wire(call, credentials, leftMs - (mended ? performance.now() - start : 0), open);
            const { status } = answer;
            if (status >= 200 && status < 300) {
                const proof = this.#prove(call, answer);
                if (proof !== undefined)
                    await proof;
                return answer;
            }
            const document = readErrorDocument(answer.body);
            if (document !== undefined)
                this.#sawDocument(answer.headers, document);
            if (call.expected?.includes(status) === true)
                return answer;
            if (mended || !this.#mend(answer, document, credentials)) {
                throw answerError(call, answer, document && withoutSecrets(document, credentials));
            }
        }
    }
    async #wire(call, credentials, totalMs, open) {
        const { method, path, query = '', headers = [], body, signal } = call;
        this.enter(call.op, call.key, signal);
        const signed = this.#signer.sign({ method, host: this.address.host, path, query, headers }, call.payloadHash ?? EMPTY_SHA256, credentials, this.now());
        try {
            const request = {
                method,
                path: query === '' ? path : `${path}?${query}`,
                headers: signed,
                body,
                signal,
                firstByteMs: call.slow ? this.deadlines.completeMs : undefined,
                totalMs,
                maxAnswerBytes: call.maxAnswerBytes ?? MAX_ANSWER_BYTES,
            };
            return await (open ? this.#transport.open(request) : this.#transport.send(request));
        }
        catch (error) {
            if (error instanceof TransportError && error.problem === 'timeout')
                this.#transport.renew();
            throw transportError(call, error, signal);
        }
    }
    /**
     * Lets a success pass only if it is S3's: an endpoint that names its requests names all of them. Whether it
     * does is asked once, where a first answer without a name leaves it open.
     */
    #prove(call, answer) {
        if (answer.headers.get('x-amz-request-id') !== undefined) {
            this.#sendsIds = true;
            this.#bucketSeen = performance.now();
            return undefined;
        }
        if (this.#sendsIds === false)
            return undefined;
        return this.#proveUnnamed(call, answer);
    }
    async #proveUnnamed(call, answer) {
        // A listing proves itself by its content, and identifies the endpoint.
        if (call.op === IDENTIFY)
            return;
        if (this.#sendsIds === undefined) {
            this.#identifying ??= this.#identify().finally(() => {
                this.#identifying = undefined;
            });
            await this.#identifying;
        }
        if (this.#sendsIds !== true)
            return;
        if ('discard' in answer.body)
            answer.body.discard();
        throw unprovenAnswer(call, answer.status, 'it has no x-amz-request-id, which the store always sends');
    }
    /** Learns from an answer that only S3 can give whether this endpoint names its requests. */
    async #identify() {
        const query = canonicalQuery([
            ['list-type', '2'],
            ['max-keys', '1'],
            ['prefix', '.holdfast/'],
        ]);
        await this.send({ op: IDENTIFY, method: 'GET', path: this.address.bucketPath, query }, answer => {
            if (!answer.body.includes('<ListBucketResult')) {
                throw unprovenAnswer({ op: IDENTIFY }, answer.status, 'it is no listing');
            }
            this.#sendsIds = answer.headers.get('x-amz-request-id') !== undefined;
        }).catch((error) => {
            // A refusal by a document has identified it too.
            if (this.#sendsIds === undefined)
                throw error;
        });
    }
    #sawDocument(headers, document) {
        this.hear(headers);
        if (headers.get('x-amz-request-id') !== undefined)
            this.#sendsIds = true;
        else
            this.#sendsIds ??= false;
        if (document.code === 'NoSuchKey')
            this.#bucketSeen = performance.now();
        else if (document.code === 'NoSuchBucket')
            this.#bucketSeen = Number.NEGATIVE_INFINITY;
    }
    /** Corrects our clock, or asks for other credentials, where that is what the store refused. */
    #mend(answer, document, credentials) {
        if (document?.code === 'RequestTimeTooSkewed') {
            const offMs = (answer.headers.date() ?? this.now()) - this.now();
            if (Math.abs(offMs) < MIN_SKEW_MS)
                return false;
            this.#skewMs += offMs;
            this.logger.warn({ skewMs: this.#skewMs }, "This machine's clock is off; requests are signed by the store's.");
            return true;
        }
        if (document?.code === 'ExpiredToken' || document?.code === 'TokenRefreshRequired') {
            return this.#credentials.expire(credentials);
        }
        return false;
    }
}
const IDENTIFY = 'identify';
function closedError(op, key) {
    return new StorageError({
        code: 'UNAVAILABLE',
        op,
        key,
        store: 's3',
        message: 'The store is closed.',
        retryable: false,
    });
}
/** A server may repeat in its message what it was sent: no secret, token or signature goes any further. */
function withoutSecrets(document, credentials) {
    let message = document.message.replace(/[0-9a-f]{40,}/g, '***');
    for (const secret of [credentials.secretAccessKey, credentials.sessionToken]) {
        if (secret)
            message = message.replaceAll(secret, '***');
    }
    return { ...document, message };
}
//# sourceMappingURL=client.js.map