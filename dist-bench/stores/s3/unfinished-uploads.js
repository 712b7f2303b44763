import { s3CodeOf, unprovenAnswer } from './errors.js';
import { decodeUrl, keyPath, readAnswer } from './requests.js';
import { canonicalQuery } from './sigv4.js';
/** A page of the longest keys, each byte of them percent-encoded, fits. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** All multipart uploads under way below a prefix, whoever has begun them (S3 API, "ListMultipartUploads"). */
export async function* listUnfinishedUploads(context, prefix, { signal } = {}) {
    for (let marker = [];;) {
        const query = [['uploads', ''], ['encoding-type', 'url'], ...marker];
        if (prefix !== '')
            query.push(['prefix', prefix]);
        const call = {
            op: 'list',
            method: 'GET',
            path: context.client.address.bucketPath,
            query: canonicalQuery(query),
            signal,
            maxAnswerBytes: MAX_ANSWER_BYTES,
        };
        const { items, fields, encoded, status } = await context.client.send(call, answer => ({
            ...readPage(call, answer, 'ListMultipartUploadsResult', 'Upload'),
            encoded: answer.body.includes('<EncodingType>url<'),
            status: answer.status,
        }));
        const named = (name) => (encoded ? (decodeUrl(name) ?? name) : name);
        for (const { Key: key = '', UploadId: uploadId, Initiated = '' } of items) {
            const begunAt = new Date(Initiated);
            if (!uploadId || Number.isNaN(begunAt.getTime()))
                throw unprovenAnswer(call, status, 'an upload has no UploadId or Initiated');
            yield { key: named(key), uploadId, begunAt };
        }
        if (fields['IsTruncated'] !== 'true')
            return;
        const { NextKeyMarker: nextKey, NextUploadIdMarker: nextUpload } = fields;
        if (!nextKey || !nextUpload)
            throw unprovenAnswer(call, status, 'it does not say where it goes on');
        marker = [
            ['key-marker', named(nextKey)],
            ['upload-id-marker', nextUpload],
        ];
    }
}
/** How many bytes an unfinished upload holds (S3 API, "ListParts"); 0 if it has ended meanwhile. */
export async function bytesOfUpload(context, { key, uploadId }, { signal } = {}) {
    let bytes = 0;
    for (let marker = '';;) {
        const query = [['uploadId', uploadId]];
        if (marker !== '')
            query.push(['part-number-marker', marker]);
        const call = {
            op: 'list',
            method: 'GET',
            path: keyPath(context.client, key),
            query: canonicalQuery(query),
            signal,
        };
        try {
            const read = (answer) => readPage(call, answer, 'ListPartsResult', 'Part');
            const { items, fields } = await context.client.send(call, read);
            for (const { Size = '0' } of items)
                bytes += Number(Size);
            if (fields['IsTruncated'] !== 'true')
                return bytes;
            marker = fields['NextPartNumberMarker'] ?? '';
            if (marker === '')
                return bytes;
        }
        catch (error) {
            if (s3CodeOf(error) === 'NoSuchUpload')
                return 0;
            throw error;
        }
    }
}
function readPage(call, answer, root, item) {
    const items = [];
    const fields = {};
    let inner = {};
    readAnswer(call, answer, root, (name, text, depth) => {
        if (depth === 2)
            inner[name] = text;
        else if (depth === 1 && name === item)
            items.push(inner);
        else if (depth === 1)
            fields[name] = text;
    }, (_, depth) => {
        if (depth === 1)
            inner = {};
    });
    return { items, fields };
}
//# sourceMappingURL=unfinished-uploads.js.map