import { hash } from 'node:crypto';
import { StorageError } from '../../core/errors.js';
import { keyPath, readAnswer, versionQuery } from './requests.js';
import { sha256Hex } from './sigv4.js';
import { escapeXml } from './xml.js';
/** The tags of an object (S3 API, "GetObjectTagging"), which neither GET nor HEAD tells; of the current version unless one is named. */
export async function fetchTags(client, key, options, versionId) {
    const query = `tagging=${versionId === undefined ? '' : `&${versionQuery(versionId)}`}`;
    const call = { ...options, key, method: 'GET', path: keyPath(client, key), query };
    return client.send(call, answer => {
        const tags = Object.create(null);
        // Ceph's answer for an object without tags.
        if (answer.body.length === 0)
            return tags;
        let name = '';
        let value = '';
        readAnswer(call, answer, 'Tagging', (element, text, depth) => {
            if (depth === 3 && element === 'Key')
                name = text;
            else if (depth === 3 && element === 'Value')
                value = text;
            else if (depth === 2 && element === 'Tag')
                tags[name] = value;
        });
        return tags;
    });
}
/** Gives an object its tags (S3 API, "PutObjectTagging"). */
export async function setTags(client, key, tags, options) {
    const set = Object.entries(tags).map(([name, value]) => `<Tag><Key>${escapeXml(name)}</Key><Value>${escapeXml(value)}</Value></Tag>`);
    const body = Buffer.from(`<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>${set.join('')}</TagSet></Tagging>`);
    const call = { ...options, key, method: 'PUT', path: keyPath(client, key), query: 'tagging=' };
    const headers = ['content-type', 'application/xml', 'content-md5', hash('md5', body, 'base64')];
    await client.send({ ...call, headers, body, payloadHash: sha256Hex(body), mutates: true }, () => { });
}
/**
 * The tags that a copy must be given to have its source's; undefined if it has none. Where they may not be read,
 * and nothing says that there are any, there are none.
 */
export async function tagsToCopy(context, key, stored, signal, versionId) {
    try {
        const tags = await fetchTags(context.client, key, { op: 'copy', signal }, versionId);
        return Object.keys(tags).length === 0 ? undefined : tags;
    }
    catch (error) {
        const unread = ['PERMISSION_DENIED', 'UNSUPPORTED', 'NOT_FOUND'];
        if (stored.tagCount > 0 || !StorageError.is(error) || !unread.includes(error.code))
            throw error;
        return undefined;
    }
}
//# sourceMappingURL=tags.js.map