import { hash } from 'node:crypto';
import { silentLogger } from '../../core/logger.js';
import { S3Client } from './client.js';
import { s3CodeOf, unprovenAnswer } from './errors.js';
import { sha256Hex } from './sigv4.js';
import { XmlError } from './xml.js';
import { formatElement, groupElement, parseElement } from './xml-element.js';
const ROOT = 'LifecycleConfiguration';
const TRANSITION_MINIMUM = 'x-amz-transition-default-minimum-object-size';
/** A thousand rules with all that they can hold. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/**
 * The lifecycle rules of a bucket, as elements and not in the words of a library, which would lose what it does not know when
 * it writes back the rules of others.
 */
export class LifecycleSettings {
    bucket;
    #client;
    /** @throws StorageError `CONFIG_INVALID` */
    constructor(options) {
        this.bucket = options.bucket;
        this.#client = new S3Client(options, options.logger ?? silentLogger);
    }
    /** S3 API, "GetBucketLifecycleConfiguration"; a bucket without any has no rules. */
    async read(signal) {
        const call = { ...this.#call('GET'), signal, maxAnswerBytes: MAX_ANSWER_BYTES };
        try {
            return await this.#client.send(call, answer => {
                const root = elementOf(answer.body.toString(), reason => unprovenAnswer(call, answer.status, reason));
                const transitionMinimum = answer.headers.get(TRANSITION_MINIMUM);
                return {
                    rules: root.children.filter(({ name }) => name === 'Rule'),
                    ...(transitionMinimum !== undefined && { transitionMinimum }),
                };
            });
        }
        catch (error) {
            if (s3CodeOf(error) === 'NoSuchLifecycleConfiguration')
                return { rules: [] };
            throw error;
        }
    }
    /**
     * Replaces all rules (S3 API, "PutBucketLifecycleConfiguration"); none removes them ("DeleteBucketLifecycle").
     *
     * @throws StorageError `INVALID_ARGUMENT` with what the server says of rules that it refuses
     */
    async write({ rules, transitionMinimum }, signal) {
        if (rules.length === 0) {
            await this.#client.send({ ...this.#call('DELETE'), signal, mutates: true }, () => { });
            return;
        }
        const xml = formatElement(groupElement(ROOT, rules));
        const body = Buffer.from(xml.replace(ROOT, `${ROOT} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`));
        const headers = ['content-md5', hash('md5', body, 'base64'), 'content-type', 'application/xml'];
        if (transitionMinimum !== undefined)
            headers.push(TRANSITION_MINIMUM, transitionMinimum);
        const call = { ...this.#call('PUT'), signal, headers, body, payloadHash: sha256Hex(body), mutates: true };
        await this.#client.send(call, () => { });
    }
    close() {
        return this.#client.close();
    }
    #call(method) {
        return { op: 'lifecycle', method, path: this.#client.address.bucketPath, query: 'lifecycle=' };
    }
}
function elementOf(text, unproven) {
    try {
        const root = parseElement(text);
        if (root.name === ROOT)
            return root;
    }
    catch (error) {
        if (!(error instanceof XmlError))
            throw error;
        throw unproven(error.message);
    }
    throw unproven(`it is no ${ROOT} document`);
}
//# sourceMappingURL=lifecycle.js.map