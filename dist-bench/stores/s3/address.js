import { StorageError, shown } from '../../core/errors.js';
import { encodeKey } from '../../core/key.js';
/**
 * Works out where a bucket is (S3 API, "Virtual hosting of buckets"). A bucket with a dot in its name is always
 * addressed by path over https, since no certificate covers it as a host name.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export function addressOf(options) {
    const { bucket, region } = options;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket)) {
        throw invalid(`Invalid bucket ${shown(bucket)}; accepted: 3 to 63 lower-case letters, digits, dots and hyphens.`);
    }
    if (!/^[A-Za-z0-9-]{1,63}$/.test(region)) {
        throw invalid(`Invalid region ${shown(region)}; accepted: a region name such as eu-central-1.`);
    }
    const custom = options.endpoint !== undefined && options.endpoint !== '';
    const url = parseEndpoint(custom ? options.endpoint : `https://s3.${region}.${awsDomain(region)}`);
    const dotted = url.protocol === 'https:' && bucket.includes('.');
    const byPath = options.forcePathStyle ?? (custom || dotted);
    const base = url.pathname.replace(/\/+$/, '');
    if (byPath || dotted) {
        const bucketPath = `${base}/${bucket}`;
        return { origin: url.origin, host: url.host, bucketPath, keyPath: `${bucketPath}/` };
    }
    const host = `${bucket}.${url.host}`;
    return { origin: `${url.protocol}//${host}`, host, bucketPath: `${base}/`, keyPath: `${base}/` };
}
/** The URL of an object, unsigned. */
export function urlOf(address, key) {
    return `${address.origin}${address.keyPath}${encodeKey(key)}`;
}
function awsDomain(region) {
    return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
function parseEndpoint(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const accepted = 'accepted: http(s)://host[:port][/path], without user, query or fragment';
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
        throw invalid(`Invalid endpoint ${shown(text.replace(/\/\/[^/]*@/, '//***@'))}; ${accepted}.`);
    }
    // What stands there may be a password, so it is not shown.
    if (url.username !== '' || url.password !== '')
        throw invalid(`The endpoint ${url.host} has a user; ${accepted}.`);
    if (url.search !== '' || url.hash !== '')
        throw invalid(`The endpoint ${url.host} has a query or fragment; ${accepted}.`);
    return url;
}
function invalid(message) {
    return new StorageError({ code: 'CONFIG_INVALID', op: 'config', store: 's3', message });
}
//# sourceMappingURL=address.js.map