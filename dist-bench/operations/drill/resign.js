import { addressOf } from '../../stores/s3/address.js';
import { credentialSource } from '../../stores/s3/credentials.js';
import { EMPTY_SHA256, Signer } from '../../stores/s3/sigv4.js';
/** Headers that a signature brings along. */
const OF_THE_SIGNATURE = new Set([
    'host',
    'authorization',
    'x-amz-date',
    'x-amz-content-sha256',
    'x-amz-security-token',
]);
/**
 * Signs requests anew for the server's own name. They come addressed by path and signed for the proxy; servers such
 * as Amazon's take only their own host name, and some only the bucket as a part of it. The time of signing stays.
 */
export function resigning(options) {
    const { region, bucket, logger } = options;
    const address = addressOf(options);
    const signer = new Signer(region);
    const source = credentialSource(options.credentials, logger);
    return {
        target: address.origin,
        rewrite: async ({ method, path: pathAndQuery, headers }) => {
            const [path = '', query = ''] = splitAt(pathAndQuery, '?');
            const below = path.slice(`/${bucket}`.length);
            const rewritten = below.startsWith('/') ? address.keyPath + below.slice(1) : address.bucketPath;
            const kept = [];
            let signedAt = Date.now();
            let payloadHash = EMPTY_SHA256;
            for (let i = 0; i < headers.length; i += 2) {
                const name = headers[i].toLowerCase();
                const value = headers[i + 1];
                if (name === 'x-amz-date')
                    signedAt = timeOf(value);
                else if (name === 'x-amz-content-sha256')
                    payloadHash = value;
                if (!OF_THE_SIGNATURE.has(name))
                    kept.push(name, value);
            }
            const request = { method, host: address.host, path: rewritten, query, headers: kept };
            const signed = signer.sign(request, payloadHash, await source.get(), signedAt);
            return {
                method,
                path: query === '' ? rewritten : `${rewritten}?${query}`,
                headers: ['host', address.host, ...signed],
            };
        },
    };
}
/** `YYYYMMDDTHHMMSSZ` as milliseconds since the epoch. */
function timeOf(text) {
    return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
function splitAt(text, mark) {
    const at = text.indexOf(mark);
    return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
//# sourceMappingURL=resign.js.map