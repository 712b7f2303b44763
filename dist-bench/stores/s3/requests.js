import { encodeKey } from '../../core/key.js';
import { answerError, readErrorDocument, unprovenAnswer, } from './errors.js';
import { unquote } from './metadata.js';
import { canonicalQuery } from './sigv4.js';
import { readXml, XmlError } from './xml.js';
/** The path of an object, percent-encoded. */
export function keyPath(client, key) {
    return client.address.keyPath + encodeKey(key);
}
/** The query that names one version of an object. */
export function versionQuery(versionId) {
    return canonicalQuery([['versionId', versionId]]);
}
/** Reads the answer to a PUT of an object or part: only an ETag proves that the bytes were taken. */
export function readWritten(context, answer) {
    const etag = answer.headers.get('etag');
    if (answer.status !== 200 || !etag)
        throw unprovenAnswer(context, answer.status, 'it has no ETag');
    return written(answer, etag);
}
/** What the answer's head tells of a write whose ETag is known. */
export function written(answer, etag) {
    const versionId = answer.headers.get('x-amz-version-id');
    return {
        etag: unquote(etag),
        time: answer.headers.date() ?? Date.now(),
        versionId: versionId === 'null' ? undefined : versionId,
    };
}
/** The fields directly below the root of an answer that has no lists. */
export function readFields(context, answer, root) {
    const fields = Object.create(null);
    readAnswer(context, answer, root, (name, text, depth) => {
        if (depth === 1)
            fields[name] = text;
    });
    return fields;
}
/**
 * Reads an answer whose root element must be `root`. An error document in a success is the error that it tells.
 *
 * @throws StorageError `UNAVAILABLE` if it is anything else, or cut off
 */
export function readAnswer(context, answer, root, close, open) {
    let found;
    try {
        readXml(answer.body.toString(), {
            open(name, depth) {
                if (depth === 0)
                    found = name;
                else
                    open?.(name, depth);
            },
            close,
        });
    }
    catch (error) {
        if (!(error instanceof XmlError))
            throw error;
        throw unprovenAnswer(context, answer.status, error.message);
    }
    if (found === 'Error')
        throw answerError(context, answer, withoutMessage(readErrorDocument(answer.body)));
    if (found !== root)
        throw unprovenAnswer(context, answer.status, `it is no ${root} document`);
}
/** What a server says beside the code may repeat what it was sent, secrets included. */
function withoutMessage(document) {
    return document && { ...document, message: '' };
}
/** The form that `encoding-type=url` gives: percent-encoding, and by some servers `+` for a space. */
export function decodeUrl(text) {
    if (!/[%+]/.test(text))
        return text;
    try {
        return decodeURIComponent(text.replaceAll('+', ' '));
    }
    catch {
        return undefined;
    }
}
//# sourceMappingURL=requests.js.map