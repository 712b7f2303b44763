import { StubError } from './s3-stub-answer.js';
/** Reads what a request asks for. */
export function parseRequest(request) {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = decodePath(mark === -1 ? url : url.slice(0, mark));
    const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
    const slash = path.indexOf('/', 1);
    const bucket = slash === -1 ? path.slice(1) : path.slice(1, slash);
    const key = slash === -1 ? '' : path.slice(slash + 1);
    const method = request.method ?? 'GET';
    const isCopy = request.headers['x-amz-copy-source'] !== undefined;
    return { operation: operationOf(method, bucket, key, query, isCopy), method, bucket, key, query };
}
function decodePath(path) {
    try {
        return decodeURIComponent(path);
    }
    catch {
        return path;
    }
}
const LIFECYCLE = {
    GET: 'GetBucketLifecycleConfiguration',
    PUT: 'PutBucketLifecycleConfiguration',
    DELETE: 'DeleteBucketLifecycle',
};
/** S3's name of the operation that a request asks for. */
function operationOf(method, bucket, key, query, isCopy) {
    const upload = query.has('uploadId');
    if (key === '') {
        if (query.has('lifecycle'))
            return LIFECYCLE[method] ?? 'Unknown';
        if (method === 'GET') {
            if (bucket === '')
                return 'ListBuckets';
            if (query.has('uploads'))
                return 'ListMultipartUploads';
            if (query.has('versioning'))
                return 'GetBucketVersioning';
            if (query.has('versions'))
                return 'ListObjectVersions';
            return query.get('list-type') === '2' ? 'ListObjectsV2' : 'Unknown';
        }
        if (method === 'PUT' && query.has('versioning'))
            return 'PutBucketVersioning';
        if (method === 'POST')
            return query.has('delete') ? 'DeleteObjects' : 'Unknown';
        // What is asked of a part of the bucket's set-up is not asked of the bucket.
        if ([...query.keys()].some(name => !/^x-(?:id$|amz-)/i.test(name)))
            return 'Unknown';
        return { PUT: 'CreateBucket', HEAD: 'HeadBucket', DELETE: 'DeleteBucket' }[method] ?? 'Unknown';
    }
    switch (method) {
        case 'PUT':
            if (upload)
                return isCopy ? 'UploadPartCopy' : 'UploadPart';
            if (query.has('tagging'))
                return 'PutObjectTagging';
            return isCopy ? 'CopyObject' : 'PutObject';
        case 'GET':
            if (upload)
                return 'ListParts';
            return query.has('tagging') ? 'GetObjectTagging' : 'GetObject';
        case 'HEAD':
            return 'HeadObject';
        case 'POST':
            if (query.has('restore'))
                return 'RestoreObject';
            return query.has('uploads') ? 'CreateMultipartUpload' : upload ? 'CompleteMultipartUpload' : 'Unknown';
        case 'DELETE':
            if (query.has('tagging'))
                return 'DeleteObjectTagging';
            return upload ? 'AbortMultipartUpload' : 'DeleteObject';
        default:
            return 'Unknown';
    }
}
/** Takes the framing off a body that came with a trailing checksum (S3 API, `aws-chunked`). */
export function decodeChunked(headers, raw) {
    if (!String(headers['x-amz-content-sha256']).startsWith('STREAMING-'))
        return { headers, body: raw };
    const decoded = { ...headers };
    const pieces = [];
    let at = 0;
    for (;;) {
        const end = raw.indexOf('\r\n', at);
        const length = Number.parseInt(raw.toString('latin1', at, end), 16);
        if (end === -1 || Number.isNaN(length))
            throw new StubError(400, 'IncompleteBody');
        at = end + 2;
        if (length === 0)
            break;
        pieces.push(raw.subarray(at, at + length));
        at += length + 2;
    }
    for (const line of raw.toString('latin1', at).split('\r\n')) {
        const colon = line.indexOf(':');
        if (colon > 0)
            decoded[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const encoding = String(headers['content-encoding'] ?? '').replace(/aws-chunked,?/, '');
    decoded['content-encoding'] = encoding === '' ? undefined : encoding;
    return { headers: decoded, body: Buffer.concat(pieces) };
}
//# sourceMappingURL=s3-stub-request.js.map