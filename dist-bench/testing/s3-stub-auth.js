import { createHmac, hash, timingSafeEqual } from 'node:crypto';
/** S3 refuses signatures that are older or younger than this. */
const SKEW_MS = 15 * 60_000;
/**
 * Checks the signature of a request (AWS Signature Version 4, by header or by query) from what came over the
 * wire alone, independently of the code that signs.
 *
 * @param now milliseconds since the epoch by the stub's clock
 * @returns why it is refused, or undefined
 */
export function checkSignature(request, credentials, now) {
    const [path = '/', rawQuery = ''] = splitAt(request.url ?? '/', '?');
    const presigned = /(?:^|&)X-Amz-Signature=/.test(rawQuery);
    const claim = presigned ? claimOfQuery(rawQuery) : claimOfHeaders(request, rawQuery);
    if (claim === undefined)
        return denied('AccessDenied', 'The request is not signed.');
    const [accessKeyId, day, region, service, end] = claim.credential.split('/');
    if (accessKeyId !== credentials.accessKeyId) {
        return denied('InvalidAccessKeyId', 'The access key id does not exist.');
    }
    if (region !== credentials.region) {
        const message = `The region ${region} is wrong; expecting ${credentials.region}.`;
        return {
            status: 400,
            code: 'AuthorizationHeaderMalformed',
            message,
            more: { Region: credentials.region },
        };
    }
    if (claim.token !== credentials.sessionToken)
        return denied('InvalidToken', 'The session token is wrong.');
    const time = parseAmzDate(claim.date);
    if (time === undefined ||
        service !== 's3' ||
        end !== 'aws4_request' ||
        !claim.date.startsWith(String(day))) {
        return denied('AccessDenied', 'The credential scope or date is malformed.');
    }
    if (presigned) {
        const expires = Number(new URLSearchParams(rawQuery).get('X-Amz-Expires'));
        if (!(expires >= 1 && expires <= 604_800) || time > now + SKEW_MS) {
            return denied('AuthorizationQueryParametersError', 'X-Amz-Expires or X-Amz-Date is out of range.');
        }
        if (now > time + expires * 1000)
            return denied('AccessDenied', 'Request has expired');
    }
    else if (Math.abs(now - time) > SKEW_MS) {
        return denied('RequestTimeTooSkewed', 'The difference between the clocks is too large.');
    }
    const lines = claim.signedHeaders.split(';').map(name => `${name}:${headerValue(request, name)}\n`);
    const canonical = `${request.method}\n${path}\n${claim.query}\n${lines.join('')}\n${claim.signedHeaders}\n${claim.payloadHash}`;
    const scope = `${day}/${region}/s3/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${claim.date}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const expected = createHmac('sha256', signingKey(credentials.secretAccessKey, String(day), credentials.region))
        .update(text)
        .digest('hex');
    if (!equal(expected, claim.signature)) {
        return denied('SignatureDoesNotMatch', 'The signature does not match.');
    }
    const unsigned = unsignedHeader(request, claim.signedHeaders);
    return unsigned === undefined ? undefined : denied('AccessDenied', `The header ${unsigned} is not signed.`);
}
function claimOfHeaders(request, rawQuery) {
    const match = /^AWS4-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '');
    const date = request.headers['x-amz-date'];
    const payloadHash = request.headers['x-amz-content-sha256'];
    if (match === null || typeof date !== 'string' || typeof payloadHash !== 'string')
        return undefined;
    const [, credential = '', signedHeaders = '', signature = ''] = match;
    const token = request.headers['x-amz-security-token'];
    return {
        credential,
        signedHeaders,
        signature,
        date,
        payloadHash,
        token: typeof token === 'string' ? token : undefined,
        query: sortQuery(rawQuery),
    };
}
function claimOfQuery(rawQuery) {
    const query = new URLSearchParams(rawQuery);
    const credential = query.get('X-Amz-Credential');
    const date = query.get('X-Amz-Date');
    const signedHeaders = query.get('X-Amz-SignedHeaders');
    const signature = query.get('X-Amz-Signature');
    if (credential === null || date === null || signedHeaders === null || signature === null)
        return undefined;
    return {
        credential,
        signedHeaders,
        signature,
        date,
        payloadHash: 'UNSIGNED-PAYLOAD',
        token: query.get('X-Amz-Security-Token') ?? undefined,
        query: sortQuery(rawQuery.replace(/(?:^|&)X-Amz-Signature=[^&]*/, '')),
    };
}
/** S3 takes no `x-amz-` header that the signature does not cover. */
function unsignedHeader(request, signedHeaders) {
    const signed = new Set(signedHeaders.split(';'));
    return Object.keys(request.headers).find(name => name.startsWith('x-amz-') && !signed.has(name));
}
function headerValue(request, name) {
    const value = request.headers[name];
    return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replace(/[ \t]+/g, ' ');
}
function sortQuery(rawQuery) {
    if (!rawQuery.includes('&'))
        return rawQuery === '' || rawQuery.includes('=') ? rawQuery : `${rawQuery}=`;
    const pairs = rawQuery
        .split('&')
        .filter(pair => pair !== '')
        .map(pair => splitAt(pair, '='));
    pairs.sort(([a = '', x = ''], [b = '', y = '']) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1));
    return pairs.map(([name, value = '']) => `${name}=${value}`).join('&');
}
function splitAt(text, mark) {
    const at = text.indexOf(mark);
    return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
function parseAmzDate(text) {
    const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
    if (match === null)
        return undefined;
    const [, year, month, day, hour, minute, second] = match.map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second);
}
let cachedFor = '';
let cachedKey = Buffer.alloc(0);
function signingKey(secret, day, region) {
    const wanted = `${day}/${region}/${secret}`;
    if (wanted !== cachedFor) {
        let key = createHmac('sha256', `AWS4${secret}`).update(day).digest();
        for (const part of [region, 's3', 'aws4_request'])
            key = createHmac('sha256', key).update(part).digest();
        cachedKey = key;
        cachedFor = wanted;
    }
    return cachedKey;
}
function equal(a, b) {
    return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
function denied(code, message) {
    return { status: 403, code, message };
}
//# sourceMappingURL=s3-stub-auth.js.map