import { createHmac, hash } from 'node:crypto';
/** The payload hash of a request whose body is not signed. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
/** Lower-case hex SHA-256 of no bytes. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** The longest life of a presigned URL, in seconds (SigV4 query authentication). */
export const MAX_PRESIGN_SECONDS = 7 * 24 * 3600;
const ALGORITHM = 'AWS4-HMAC-SHA256';
/** Headers that proxies may change, which therefore are never signed. */
const UNSIGNED_HEADERS = new Set([
    'authorization',
    'cache-control',
    'connection',
    'expect',
    'from',
    'keep-alive',
    'max-forwards',
    'pragma',
    'referer',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'user-agent',
    'x-amzn-trace-id',
]);
/** Lower-case hex SHA-256. */
export function sha256Hex(bytes) {
    return hash('sha256', bytes, 'hex');
}
/** Text as a part of a query: every byte but RFC 3986's unreserved characters percent-encoded. */
export function encodeQuery(text) {
    return encodeURIComponent(text).replace(/[!'()*]/g, encodeRest);
}
function encodeRest(found) {
    return `%${found.charCodeAt(0).toString(16).toUpperCase()}`;
}
/** A query string, encoded and sorted as SigV4 wants it signed; to be sent just so. */
export function canonicalQuery(parameters) {
    const encoded = [];
    for (const [name, value] of parameters)
        encoded.push([encodeQuery(name), encodeQuery(value)]);
    encoded.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0));
    return encoded.map(([name, value]) => `${name}=${value}`).join('&');
}
/**
 * Signs requests for one region (AWS Signature Version 4, with S3's rules: the path is not encoded twice and
 * the payload hash travels in `x-amz-content-sha256`). The signing key of a day is derived once.
 */
export class Signer {
    #region;
    #service;
    #second = Number.NaN;
    #date = '';
    #keySecret = '';
    #keyDay = '';
    #key = Buffer.alloc(0);
    constructor(region, service = 's3') {
        this.#region = region;
        this.#service = service;
    }
    /**
     * Signs by header: returns the request's headers with `x-amz-date`, `x-amz-content-sha256`, the session
     * token and `authorization` behind them. The Host header is signed but not added.
     *
     * @param time milliseconds since the epoch
     * @param payloadHash lower-case hex SHA-256 of the body, or {@link UNSIGNED_PAYLOAD}
     */
    sign(request, payloadHash, credentials, time) {
        const date = this.#amzDate(time);
        const headers = [...request.headers, 'x-amz-content-sha256', payloadHash, 'x-amz-date', date];
        if (credentials.sessionToken)
            headers.push('x-amz-security-token', credentials.sessionToken);
        const { names, lines } = canonicalHeaders(request.host, headers);
        const scope = this.#scope(date);
        const signature = this.#signature(`${request.method}\n${request.path}\n${request.query}\n${lines}\n${names}\n${payloadHash}`, date, scope, credentials);
        headers.push('authorization', `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`);
        return headers;
    }
    /**
     * Signs by query, for a URL that anybody may use while it lives: returns the query to send. The request's
     * headers must be sent by whoever uses it; the body is not signed.
     *
     * @param time milliseconds since the epoch
     */
    presign(request, parameters, expiresInSeconds, credentials, time) {
        const date = this.#amzDate(time);
        const scope = this.#scope(date);
        const { names, lines } = canonicalHeaders(request.host, request.headers);
        const signed = [
            ...parameters,
            ['X-Amz-Algorithm', ALGORITHM],
            ['X-Amz-Credential', `${credentials.accessKeyId}/${scope}`],
            ['X-Amz-Date', date],
            ['X-Amz-Expires', String(expiresInSeconds)],
            ['X-Amz-SignedHeaders', names],
        ];
        if (credentials.sessionToken)
            signed.push(['X-Amz-Security-Token', credentials.sessionToken]);
        const query = canonicalQuery(signed);
        const canonical = `${request.method}\n${request.path}\n${query}\n${lines}\n${names}\n${UNSIGNED_PAYLOAD}`;
        return `${query}&X-Amz-Signature=${this.#signature(canonical, date, scope, credentials)}`;
    }
    #signature(canonical, date, scope, credentials) {
        return createHmac('sha256', this.#signingKey(credentials.secretAccessKey, date.slice(0, 8)))
            .update(`${ALGORITHM}\n${date}\n${scope}\n${sha256Hex(canonical)}`)
            .digest('hex');
    }
    #signingKey(secret, day) {
        if (this.#keyDay !== day || this.#keySecret !== secret) {
            let key = `AWS4${secret}`;
            for (const part of [day, this.#region, this.#service, 'aws4_request']) {
                key = createHmac('sha256', key).update(part).digest();
            }
            this.#key = key;
            this.#keyDay = day;
            this.#keySecret = secret;
        }
        return this.#key;
    }
    #scope(date) {
        return `${date.slice(0, 8)}/${this.#region}/${this.#service}/aws4_request`;
    }
    /** `YYYYMMDDTHHMMSSZ`, made once a second. */
    #amzDate(time) {
        const second = Math.floor(time / 1000);
        if (second !== this.#second) {
            this.#second = second;
            this.#date = `${new Date(second * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
        }
        return this.#date;
    }
}
/** The signed names joined by `;`, and the canonical lines, each ended by a newline. */
function canonicalHeaders(host, headers) {
    const sorted = ['host', host];
    for (let i = 0; i < headers.length; i += 2) {
        const name = headers[i];
        if (isSigned(name))
            insert(sorted, name, headers[i + 1]);
    }
    let names = '';
    let lines = '';
    for (let i = 0; i < sorted.length; i += 2) {
        names += i === 0 ? sorted[i] : `;${sorted[i]}`;
        lines += `${sorted[i]}:${canonicalValue(sorted[i + 1])}\n`;
    }
    return { names, lines };
}
/** Keeps a short list of name-value pairs sorted by name. */
function insert(sorted, name, value) {
    let at = sorted.length;
    while (at > 0 && sorted[at - 2] > name)
        at -= 2;
    sorted.splice(at, 0, name, value);
}
function isSigned(name) {
    return !UNSIGNED_HEADERS.has(name) && !name.startsWith('proxy-') && !name.startsWith('sec-');
}
function canonicalValue(value) {
    if (!/[\t\r\n]| {2}|^ | $/.test(value))
        return value;
    return value.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '');
}
//# sourceMappingURL=sigv4.js.map