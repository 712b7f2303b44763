import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { compareUtf8 } from '../core/key.js';
import { element, NO_BODY, StubError, xmlAnswer } from './s3-stub-answer.js';
import { checkReadable, restoreHeaders } from './s3-stub-archive.js';
import { StubVersions } from './s3-stub-versions.js';
/** Headers of a PUT that come back with a GET. */
const KEPT = [
    'content-type',
    'cache-control',
    'content-disposition',
    'content-encoding',
    'expires',
    'content-language',
];
/** One bucket in memory, and what S3 does with it. */
export class StubBucket {
    name;
    objects = new Map();
    uploads = new Map();
    versions = new StubVersions();
    /** The lifecycle rules, as they were given. */
    lifecycle;
    #sorted;
    /** Keys that came since. */
    #added = [];
    constructor(name) {
        this.name = name;
    }
    /** The current object, or the version that a request names. */
    find(key, versionId = null) {
        const object = this.objects.get(key);
        if (versionId !== null)
            return this.versions.find(key, versionId, object);
        if (object === undefined)
            throw new StubError(404, 'NoSuchKey', 'The specified key does not exist.');
        return object;
    }
    /** Every key in UTF-8 byte order. */
    keys() {
        if (this.#sorted === undefined)
            this.#sorted = [...this.objects.keys()].sort(compareUtf8);
        else if (this.#added.length > 0)
            this.#sorted = merged(this.#sorted, this.#added.sort(compareUtf8));
        this.#added = [];
        return this.#sorted;
    }
    put(key, call, support) {
        this.checkWrite(key, call, support);
        checkBody(call);
        const etag = hash('md5', call.body, 'hex');
        const named = this.store(key, { bytes: call.body, etag, modified: new Date(), ...attributesOf(call) });
        return { status: 200, headers: { etag: `"${etag}"`, ...checksumsOf(call), ...named }, body: NO_BODY };
    }
    /** @returns the header that names the version which came to be, if one did */
    store(key, object) {
        if (this.#sorted !== undefined && !this.objects.has(key))
            this.#added.push(key);
        const kept = this.versions.added(key, object, this.objects.get(key));
        this.objects.set(key, kept);
        return kept.versionId === undefined ? {} : { 'x-amz-version-id': kept.versionId };
    }
    /** @returns the headers that tell of a delete marker, if one came to be */
    remove(key) {
        const markerId = this.versions.deleted(key, this.objects.get(key));
        if (this.objects.delete(key))
            this.#sorted = undefined;
        return markerId === undefined ? {} : { 'x-amz-delete-marker': 'true', 'x-amz-version-id': markerId };
    }
    /** Removes one version for good; what was below the current one becomes it. */
    removeVersion(key, versionId) {
        const current = this.versions.removed(key, versionId, this.objects.get(key));
        if (current === undefined)
            this.objects.delete(key);
        else
            this.objects.set(key, current);
        this.#sorted = undefined;
    }
    delete(key, call, support) {
        const versionId = call.query.get('versionId');
        if (versionId !== null) {
            this.removeVersion(key, versionId);
            return { status: 204, headers: { 'x-amz-version-id': versionId }, body: NO_BODY };
        }
        const ifMatch = call.headers['if-match'];
        if (support !== 'ignored' && ifMatch !== undefined) {
            if (!matches(this.objects.get(key)?.etag, String(ifMatch), support))
                throw failedCondition();
        }
        return { status: 204, headers: this.remove(key), body: NO_BODY };
    }
    /** If-Match and If-None-Match on what publishes an object. */
    checkWrite(key, call, support) {
        if (support === 'ignored')
            return;
        const ifMatch = call.headers['if-match'];
        const ifNoneMatch = call.headers['if-none-match'];
        const current = this.objects.get(key);
        if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
            throw new StubError(501, 'NotImplemented', 'If-None-Match takes * only.');
        }
        if (ifNoneMatch === '*' && current !== undefined)
            throw failedCondition();
        if (ifMatch === undefined)
            return;
        if (current === undefined)
            throw new StubError(404, 'NoSuchKey');
        if (!matches(current.etag, String(ifMatch), support))
            throw failedCondition();
    }
    read(key, call, isHead) {
        const { headers, query } = call;
        const object = this.find(key, query.get('versionId'));
        if (!isHead)
            checkReadable(object);
        const etag = `"${object.etag}"`;
        if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
            throw failedCondition();
        if (headers['if-none-match'] === etag)
            return { status: 304, headers: { etag }, body: NO_BODY };
        const kept = {
            ...object.headers,
            ...restoreHeaders(object),
            etag,
            'last-modified': object.modified.toUTCString(),
            'accept-ranges': 'bytes',
            ...(object.versionId !== undefined && { 'x-amz-version-id': object.versionId }),
        };
        for (const [name, value] of query) {
            if (name.startsWith('response-'))
                kept[name.slice('response-'.length)] = value;
        }
        if (object.tagging !== '')
            kept['x-amz-tagging-count'] = String(new URLSearchParams(object.tagging).size);
        const range = headers['range'];
        if (typeof range !== 'string')
            return { status: 200, headers: kept, body: object.bytes };
        return rangeOf(object.bytes, range, kept);
    }
    tagging(key, versionId) {
        const tags = [...new URLSearchParams(this.find(key, versionId).tagging)].map(([name, value]) => `<Tag>${element('Key', name)}${element('Value', value)}</Tag>`);
        return xmlAnswer(200, 'Tagging', `<TagSet>${tags.join('')}</TagSet>`);
    }
    /** Changes what the current object carries; it stays the version that it is. */
    change(key, carried) {
        const object = { ...this.find(key), ...carried };
        this.objects.set(key, object);
        this.versions.changed(key, object);
    }
    /** Gives an object other tags. */
    tag(key, tags) {
        this.change(key, { tagging: new URLSearchParams([...tags]).toString() });
        return { status: 200, headers: {}, body: NO_BODY };
    }
    /** CopyObject and UploadPartCopy share how they name and check their source. */
    copySource(call, buckets, support) {
        const named = decodeURIComponent(String(call.headers['x-amz-copy-source']).replace(/^\//, ''));
        const slash = named.indexOf('/');
        const bucket = buckets.get(named.slice(0, slash));
        if (bucket === undefined)
            throw new StubError(404, 'NoSuchBucket');
        const source = bucket.find(named.slice(slash + 1));
        const ifMatch = call.headers['x-amz-copy-source-if-match'];
        if (support !== 'ignored' && ifMatch !== undefined && !matches(source.etag, String(ifMatch), support)) {
            throw failedCondition();
        }
        checkReadable(source);
        return source;
    }
    copy(key, source, call, support) {
        this.checkWrite(key, call, support);
        const { headers, tagging } = attributesOf(call);
        const replaced = call.headers['x-amz-metadata-directive'] === 'REPLACE';
        const retagged = call.headers['x-amz-tagging-directive'] === 'REPLACE';
        const modified = new Date();
        const etag = hash('md5', source.bytes, 'hex');
        const named = this.store(key, {
            bytes: source.bytes,
            etag,
            modified,
            headers: replaced ? headers : inClass(source.headers, headers['x-amz-storage-class']),
            tagging: retagged ? tagging : source.tagging,
        });
        const answer = xmlAnswer(200, 'CopyObjectResult', copyResult(etag, modified));
        return { ...answer, headers: { ...answer.headers, ...named } };
    }
    begin(key, call) {
        const id = randomBytes(16).toString('hex');
        this.uploads.set(id, { key, parts: new Map(), begun: new Date(), ...attributesOf(call) });
        const content = element('Bucket', this.name) + element('Key', key) + element('UploadId', id);
        return xmlAnswer(200, 'InitiateMultipartUploadResult', content);
    }
    upload(key, id) {
        const upload = this.uploads.get(id ?? '');
        if (upload === undefined || upload.key !== key) {
            throw new StubError(404, 'NoSuchUpload', 'The specified upload does not exist.');
        }
        return upload;
    }
    putPart(key, call) {
        checkBody(call);
        const etag = this.keepPart(key, call, call.body);
        return { status: 200, headers: { etag: `"${etag}"`, ...checksumsOf(call) }, body: NO_BODY };
    }
    copyPart(key, call, source) {
        const range = /^bytes=(\d+)-(\d+)$/.exec(String(call.headers['x-amz-copy-source-range'] ?? ''));
        const bytes = range === null ? source.bytes : source.bytes.subarray(Number(range[1]), Number(range[2]) + 1);
        return xmlAnswer(200, 'CopyPartResult', copyResult(this.keepPart(key, call, bytes), new Date()));
    }
    keepPart(key, { query }, bytes) {
        const number = Number(query.get('partNumber'));
        if (!(number >= 1 && number <= 10_000))
            throw new StubError(400, 'InvalidArgument', 'Part number out of range.');
        const etag = hash('md5', bytes, 'hex');
        this.upload(key, query.get('uploadId')).parts.set(number, { bytes, etag, modified: new Date() });
        return etag;
    }
    /** @param parts numbers and ETags as the request names them */
    complete(key, call, parts, support) {
        const id = call.query.get('uploadId');
        const upload = this.upload(key, id);
        this.checkWrite(key, call, support);
        if (parts.some(([number], i) => i > 0 && number <= (parts[i - 1]?.[0] ?? 0))) {
            throw new StubError(400, 'InvalidPartOrder');
        }
        const found = parts.map(([number, etag], i) => {
            const part = upload.parts.get(number);
            if (part === undefined || part.etag !== etag.replaceAll('"', ''))
                throw new StubError(400, 'InvalidPart');
            if (i < parts.length - 1 && part.bytes.length < 5 * 1024 * 1024)
                throw new StubError(400, 'EntityTooSmall');
            return part;
        });
        if (found.length === 0)
            throw new StubError(400, 'MalformedXML');
        const digests = found.map(part => Buffer.from(part.etag, 'hex'));
        const etag = `${hash('md5', Buffer.concat(digests), 'hex')}-${found.length}`;
        const bytes = Buffer.concat(found.map(part => part.bytes));
        const { headers, tagging } = upload;
        const named = this.store(key, { bytes, etag, modified: new Date(), headers, tagging });
        this.uploads.delete(id ?? '');
        const content = element('Bucket', this.name) + element('Key', key) + element('ETag', `"${etag}"`);
        const answer = xmlAnswer(200, 'CompleteMultipartUploadResult', content);
        return { ...answer, headers: { ...answer.headers, ...named } };
    }
    abort(key, id) {
        this.upload(key, id);
        this.uploads.delete(id ?? '');
        return { status: 204, headers: {}, body: NO_BODY };
    }
}
function copyResult(etag, modified) {
    return element('ETag', `"${etag}"`) + element('LastModified', modified.toISOString());
}
function attributesOf(call) {
    const headers = {};
    for (const [name, value] of Object.entries(call.headers)) {
        if (typeof value !== 'string')
            continue;
        if (name.startsWith('x-amz-meta-') || KEPT.includes(name))
            headers[name] = value;
        else if (name === 'x-amz-storage-class' && value !== 'STANDARD')
            headers[name] = value;
    }
    headers['content-type'] ??= 'binary/octet-stream';
    return { headers, tagging: String(call.headers['x-amz-tagging'] ?? '') };
}
/** Checks Content-MD5 and the checksums that Node can compute (S3 API, "Checking object integrity"). */
function checkBody({ headers, body }) {
    const md5 = headers['content-md5'];
    if (md5 !== undefined && md5 !== hash('md5', body, 'base64'))
        throw new StubError(400, 'BadDigest');
    for (const [name, expected] of Object.entries(checksumsOf({ headers }))) {
        const algorithm = name.slice('x-amz-checksum-'.length);
        if (algorithm === 'sha256' || algorithm === 'sha1') {
            if (hash(algorithm, body, 'base64') !== expected)
                throw new StubError(400, 'BadDigest');
        }
        else if (algorithm === 'crc32') {
            const bytes = Buffer.alloc(4);
            bytes.writeUInt32BE(crc32(body));
            if (bytes.toString('base64') !== expected)
                throw new StubError(400, 'BadDigest');
        }
    }
}
function checksumsOf({ headers }) {
    const found = {};
    for (const name of ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256']) {
        const value = headers[`x-amz-checksum-${name}`];
        if (typeof value === 'string')
            found[`x-amz-checksum-${name}`] = value;
    }
    return found;
}
function matches(etag, condition, support) {
    return etag !== undefined && condition === (support === 'quoted' ? `"${etag}"` : etag);
}
function failedCondition() {
    return new StubError(412, 'PreconditionFailed', 'At least one of the preconditions did not hold.');
}
function rangeOf(bytes, range, headers) {
    const match = /^bytes=(\d*)-(\d*)$/.exec(range);
    const size = bytes.length;
    if (match === null || (match[1] === '' && match[2] === ''))
        return { status: 200, headers, body: bytes };
    const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
    const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
    if (start >= size || start > end)
        throw new StubError(416, 'InvalidRange', 'The range is not satisfiable.');
    headers['content-range'] = `bytes ${start}-${end}/${size}`;
    return { status: 206, headers, body: bytes.subarray(start, end + 1) };
}
/** Two sorted lists as one. */
function merged(a, b) {
    const all = [];
    let from = 0;
    for (const key of b) {
        let [low, high] = [from, a.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (compareUtf8(a[middle] ?? '', key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (let i = from; i < low; i++)
            all.push(a[i]);
        all.push(key);
        from = low;
    }
    for (let i = from; i < a.length; i++)
        all.push(a[i]);
    return all;
}
/** The storage class is not copied: it is what the request says, or STANDARD. */
function inClass(headers, storageClass) {
    const { 'x-amz-storage-class': _, ...kept } = headers;
    return storageClass === undefined ? kept : { ...kept, 'x-amz-storage-class': storageClass };
}
//# sourceMappingURL=s3-stub-bucket.js.map