import { randomUUID } from 'node:crypto';
import { StorageError } from '../../core/errors.js';
import { internalKey } from '../../core/key.js';
import { s3CodeOf } from './errors.js';
import { formatEtag } from './etag.js';
import { keyPath, readFields, readWritten } from './requests.js';
import { canonicalQuery, sha256Hex } from './sigv4.js';
const TRIAL = 'trial';
/** An object to try things out on, which is gone without a trace when `work` is done. */
export async function withTrialObject(client, work) {
    const object = new TrialObject(client);
    try {
        return await work(object);
    }
    finally {
        await object.remove();
    }
}
/** An object under a name of its own. What fails here fails the trial. */
export class TrialObject {
    key = internalKey(`probe/${randomUUID()}`);
    #client;
    /** Versions and delete markers that were made, in a bucket that keeps them. */
    #versions = new Set();
    constructor(client) {
        this.#client = client;
    }
    /** Sends a request for this object. */
    send(call, read) {
        const whole = {
            ...call,
            op: TRIAL,
            key: this.key,
            path: keyPath(this.#client, this.key),
            ...(call.body !== undefined && { payloadHash: sha256Hex(call.body) }),
        };
        return this.#client.send(whole, answer => {
            const version = answer.headers.get('x-amz-version-id');
            if (version !== undefined && version !== 'null')
                this.#versions.add(version);
            return read(answer, whole);
        });
    }
    /** Writes the object. @returns its ETag */
    put(text, headers = []) {
        const call = { method: 'PUT', headers, body: Buffer.from(text) };
        return this.send(call, (answer, whole) => readWritten(whole, answer).etag);
    }
    /** Whether a conditional PUT is taken. */
    accepts(condition) {
        return accepted(this.put('b', conditionHeaders(condition)));
    }
    /** Whether a conditional DELETE is taken, and done: some answer 204 and have not looked at the condition. */
    async acceptsDelete(condition) {
        const call = { method: 'DELETE', headers: conditionHeaders(condition) };
        if (!(await accepted(this.send(call, answer => answer.status === 204))))
            return false;
        return this.send({ method: 'HEAD', expected: [404] }, answer => answer.status === 404);
    }
    /** Whether a copy of `source` to this object is taken. */
    acceptsCopy(source, headers) {
        const from = ['x-amz-copy-source', `/${this.#client.bucket}/${source.key}`];
        return accepted(this.send({ method: 'PUT', headers: [...from, ...headers] }, (answer, whole) => readFields(whole, answer, 'CopyObjectResult')));
    }
    /** Begins an upload of one part, which `work` can try to complete; aborts what is left of it. */
    async withPart(work, headers = []) {
        const begin = { method: 'POST', query: 'uploads=', headers };
        const { UploadId: id = '' } = await this.send(begin, (answer, whole) => readFields(whole, answer, 'InitiateMultipartUploadResult'));
        const query = canonicalQuery([['uploadId', id]]);
        try {
            const part = { method: 'PUT', query: `partNumber=1&${query}`, body: Buffer.from('c') };
            const etag = await this.send(part, (answer, whole) => readWritten(whole, answer).etag);
            const body = Buffer.from(`<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;${etag}&quot;</ETag></Part></CompleteMultipartUpload>`);
            return await work(condition => {
                const call = { method: 'POST', query, headers: conditionHeaders(condition), body };
                return accepted(this.send(call, (answer, whole) => readFields(whole, answer, 'CompleteMultipartUploadResult')));
            });
        }
        finally {
            await this.send({ method: 'DELETE', query }, () => { }).catch(() => { });
        }
    }
    /** Removes the object with all its versions, as far as that may be done. */
    async remove() {
        // Ceph does not tell the version that a copy has made.
        await this.send({ method: 'HEAD', expected: [404] }, () => { }).catch(() => { });
        if (this.#versions.size === 0)
            await this.send({ method: 'DELETE' }, () => { }).catch(() => { });
        // What a DELETE makes is removed as well.
        for (const version of this.#versions) {
            const query = canonicalQuery([['versionId', version]]);
            await this.send({ method: 'DELETE', query }, () => { }).catch(() => { });
        }
    }
}
/** The style in which the right ETag is taken and a wrong one is not; false if there is none. */
export async function styleOf(etag, accepts) {
    const wrong = etag.replace(/[0-9a-f]/g, c => (c === '0' ? '1' : '0'));
    for (const style of ['quoted', 'bare']) {
        if (await accepts({ ifMatch: formatEtag(wrong, style) }))
            return false;
        if (await accepts({ ifMatch: formatEtag(etag, style) }))
            return style;
    }
    return false;
}
function conditionHeaders({ ifMatch, ifNoneMatch }) {
    if (ifNoneMatch !== undefined)
        return ['if-none-match', ifNoneMatch];
    return ifMatch === undefined ? [] : ['if-match', ifMatch];
}
/** Whether a trial was taken: a refusal of its condition, or of conditions altogether, is no error. */
async function accepted(trial) {
    try {
        return (await trial) !== false;
    }
    catch (error) {
        const refusals = ['PRECONDITION_FAILED', 'NOT_FOUND', 'UNSUPPORTED', 'INVALID_ARGUMENT'];
        const refused = StorageError.is(error) && refusals.includes(error.code);
        if (refused || s3CodeOf(error) === 'NoSuchUpload')
            return false;
        throw error;
    }
}
//# sourceMappingURL=trial-object.js.map