import { parseAttributes } from '../../core/attributes.js';
import { StorageError } from '../../core/errors.js';
import { openSource } from '../../core/source.js';
import { S3Failure } from '../../stores/s3/errors.js';
import { fetchTags } from '../../stores/s3/tags.js';
import { TrialObject } from '../../stores/s3/trial-object.js';
import { faultOf } from './examination.js';
import { fault, good, notice } from './findings.js';
/** Whether these credentials reach this bucket, and may do each thing that Holdfast does. */
export const ACCESS_CHECKS = [
    { check: 'answers', area: 'access', needs: ['protocol'], examine: examineAnswer },
    // A server that refuses the region has not looked at the signature yet.
    { check: 'region', area: 'access', needs: ['answers'], examine: examineRegion },
    { check: 'credentials', area: 'access', needs: ['region'], examine: examineCredentials },
    { check: 'bucket', area: 'access', needs: ['credentials'], examine: examineBucket },
    permission('list', 's3:ListBucket', 'list the bucket', 'Files are not listed, and a missing one is refused in place of being missing', async (patient) => {
        await patient.store.list({ prefix: patient.prefix, limit: 1, signal: patient.signal });
    }),
    permission('write', 's3:PutObject', 'upload', 'Every upload waits on the local disk for ever', put),
    permission('read', 's3:GetObject', 'read', 'Files can be uploaded and not read', async (patient) => {
        const { body } = await patient.store.get(await put(patient), { signal: patient.signal });
        await body.bytes();
    }, ['write']),
    permission('delete', 's3:DeleteObject', 'delete', 'Files can never be deleted', async (patient) => {
        await patient.store.delete(await put(patient), { signal: patient.signal });
    }, ['write']),
    permission('multipart', 's3:PutObject and s3:AbortMultipartUpload', 'upload in parts, and give that up', 'Large uploads fail, or leave parts behind that cost money', async ({ client }) => {
        const object = new TrialObject(client);
        const begin = { method: 'POST', query: 'uploads=' };
        const id = await object.send(begin, answer => /<UploadId>([^<]+)</.exec(answer.body.toString())?.[1]);
        const query = `uploadId=${encodeURIComponent(id ?? '')}`;
        await object.send({ method: 'PUT', query: `partNumber=1&${query}`, body: Buffer.from('part') }, () => { });
        await object.send({ method: 'DELETE', query }, () => { });
    }, ['write']),
    { check: 'tags', area: 'access', needs: ['write'], examine: examineTags },
];
/** What the first signed request fails with, if that is one of these codes. */
async function failedWith(patient, ...codes) {
    const error = await patient.firstAnswer();
    return StorageError.is(error) && codes.includes(error.code) ? error : undefined;
}
async function examineAnswer(patient) {
    const error = await failedWith(patient, 'UNAVAILABLE', 'TIMEOUT', 'THROTTLED', 'INTERNAL', 'INTEGRITY', 'UNSUPPORTED');
    return error === undefined ? good('Signed requests are answered.') : faultOf(error);
}
async function examineCredentials(patient) {
    const error = await failedWith(patient, 'UNAUTHENTICATED', 'CLOCK_SKEW');
    const { objectStorageAccessKey: given } = patient.config;
    if (error === undefined) {
        return good(`The server knows the ${given === undefined ? "credentials of AWS's default chain" : 'access key and its secret'}.`);
    }
    const s3Code = error.cause instanceof S3Failure ? error.cause.s3Code : undefined;
    if (s3Code === 'InvalidAccessKeyId') {
        return fault('The server does not know the access key.', 'Check OBJECT_STORAGE_ACCESS_KEY, and that the key exists at this endpoint and is active.', error.code);
    }
    if (s3Code === 'SignatureDoesNotMatch') {
        return fault('The server knows the access key, and the signature is not what it expects.', 'Check OBJECT_STORAGE_SECRET_KEY: it is another one, cut off, or has a blank. If it is right, a proxy before the server changes the Host header or the path.', error.code);
    }
    return faultOf(error);
}
async function examineRegion(patient) {
    const error = await failedWith(patient, 'CONFIG_INVALID', 'INVALID_ARGUMENT');
    const region = patient.config.objectStorageRegion;
    if (error === undefined)
        return good(`The region ${region} is taken.`);
    const right = error.cause instanceof S3Failure ? error.cause.region : undefined;
    if (right === undefined)
        return faultOf(error);
    return fault(`The bucket is in the region ${right}, and requests are signed for ${region}.`, `Set OBJECT_STORAGE_REGION=${right}${patient.config.objectStorageEndpoint === undefined ? '' : ', and the endpoint of that region'}.`, error.code);
}
async function examineBucket(patient) {
    const { objectStorageBucket: bucket } = patient.config;
    const missing = await failedWith(patient, 'NO_SUCH_BUCKET');
    if (missing !== undefined) {
        return fault(`There is no bucket ${bucket} at this endpoint.`, 'Check OBJECT_STORAGE_BUCKET and OBJECT_STORAGE_ENDPOINT, or make it: holdfast bucket create.', missing.code);
    }
    const other = await patient.firstAnswer();
    if (other === undefined || StorageError.is(other, 'PERMISSION_DENIED'))
        return good(`The bucket ${bucket} is there.`);
    throw other;
}
/** A small object of ours. */
async function put(patient) {
    const key = patient.scratch('permission');
    const attributes = parseAttributes({ contentType: 'text/plain' });
    await patient.store.put(key, await openSource(Buffer.from('holdfast')), {
        attributes,
        signal: patient.signal,
    });
    return key;
}
function permission(name, action, verb, loss, attempt, needs = []) {
    return {
        check: name,
        area: 'access',
        needs: ['bucket', ...needs],
        examine: async (patient) => {
            try {
                await attempt(patient);
                return good(`These credentials may ${verb}.`);
            }
            catch (error) {
                if (!StorageError.is(error, 'PERMISSION_DENIED'))
                    throw error;
                return fault(`These credentials may not ${verb}. ${loss}.`, `Allow ${action} in the policy of the user and of the bucket.`, error.code);
            }
        },
    };
}
async function examineTags(patient) {
    const key = patient.scratch('tagged');
    const attributes = parseAttributes({ contentType: 'text/plain', tags: { from: 'holdfast' } });
    try {
        await patient.store.put(key, await openSource(Buffer.from('holdfast')), {
            attributes,
            signal: patient.signal,
        });
        const { from } = await fetchTags(patient.client, key, { op: 'head', signal: patient.signal });
        if (from === 'holdfast')
            return good('Objects keep their tags.');
        return notice('The server takes tags and does not keep them.', 'Do without tags on this server.');
    }
    catch (error) {
        if (!StorageError.is(error, 'PERMISSION_DENIED') && !StorageError.is(error, 'UNSUPPORTED'))
            throw error;
        return notice(StorageError.is(error, 'UNSUPPORTED')
            ? 'The server has no tags.'
            : 'These credentials may not use tags.', 'Uploads with tags will fail. If you use them, allow s3:PutObjectTagging and s3:GetObjectTagging.');
    }
}
//# sourceMappingURL=access.js.map