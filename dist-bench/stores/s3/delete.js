import { hash } from 'node:crypto';
import { StorageError, throwIfAborted } from '../../core/errors.js';
import { answerError, s3CodeOf, unprovenAnswer } from './errors.js';
import { formatEtag } from './etag.js';
import { keyPath, readAnswer, versionQuery } from './requests.js';
import { sha256Hex } from './sigv4.js';
import { escapeXml } from './xml.js';
/**
 * Removes an object (S3 API, "DeleteObject").
 *
 * @returns true, since S3 does not tell whether there was one; false where a server says that there was none
 */
export async function deleteObject(context, key, options = {}) {
    const { ifMatch, signal } = options;
    let headers = [];
    if (ifMatch !== undefined) {
        const style = await context.profile.ask('conditionalDelete');
        if (style === false) {
            throw new StorageError({
                code: 'UNSUPPORTED',
                op: 'delete',
                key,
                store: 's3',
                message: 'This server ignores conditions (ifMatch) on deletes; nothing was sent.',
            });
        }
        headers = ['if-match', formatEtag(ifMatch, style)];
    }
    const call = {
        op: 'delete',
        key,
        method: 'DELETE',
        path: keyPath(context.client, key),
        headers,
        signal,
        mutates: true,
    };
    try {
        await context.client.send(call, answer => {
            if (answer.status !== 204)
                throw unprovenAnswer(call, answer.status, 'a delete is answered with 204');
        });
        return true;
    }
    catch (error) {
        if (ifMatch === undefined && s3CodeOf(error) === 'NoSuchKey')
            return false;
        throw error;
    }
}
/** Keys in one request, and requests under way (S3 API, "DeleteObjects"). */
const BATCH = 1000;
const BATCHES_UNDER_WAY = 4;
const SINGLES_UNDER_WAY = 16;
/** XML has no way to write these, so such keys are deleted one by one. */
const UNWRITABLE = /[\uFFFE\uFFFF]/;
/**
 * Removes many objects, a thousand a request. Each failure is reported with its key.
 *
 * @throws StorageError `UNAVAILABLE` once closed, or the signal's: some objects may then be gone
 */
export async function deleteMany(context, keys, options = {}) {
    const names = keys.map(key => ({ key }));
    const failed = await removeAll(context, names, options);
    return { deleted: keys.length - failed.length, failed };
}
/**
 * Removes many versions for good, a thousand a request (S3 API, "DeleteObjects" with `VersionId`).
 *
 * @returns those that could not be removed
 * @throws as {@link deleteMany} does
 */
export function deleteVersions(context, versions, options = {}) {
    return removeAll(context, versions, options);
}
/** Removes one version for good (S3 API, "DeleteObject" with `versionId`). */
export async function deleteVersion(context, key, versionId, options = {}) {
    const call = {
        op: 'delete',
        key,
        method: 'DELETE',
        path: keyPath(context.client, key),
        query: versionQuery(versionId),
        signal: options.signal,
        mutates: true,
    };
    await context.client.send(call, answer => {
        if (answer.status !== 204)
            throw unprovenAnswer(call, answer.status, 'a delete is answered with 204');
    });
}
async function removeAll(context, names, options) {
    context.client.enter('delete', undefined, options.signal);
    const failed = [];
    const fail = (name, error) => {
        failed.push({ ...name, error: error instanceof Error ? error : new Error(String(error)) });
    };
    const singles = names.filter(({ key }) => UNWRITABLE.test(key));
    const rest = singles.length === 0 ? names : names.filter(({ key }) => !UNWRITABLE.test(key));
    const batches = [];
    for (let at = 0; at < rest.length; at += BATCH)
        batches.push(rest.slice(at, at + BATCH));
    await eachOf(batches, BATCHES_UNDER_WAY, async (batch) => {
        try {
            await deleteBatch(context, batch, options, fail);
        }
        catch (error) {
            if (StorageError.is(error, 'UNSUPPORTED'))
                singles.push(...batch);
            else
                for (const name of batch)
                    fail(name, error);
        }
    });
    await eachOf(singles, SINGLES_UNDER_WAY, async (name) => {
        const { key, versionId } = name;
        try {
            if (versionId === undefined)
                await deleteObject(context, key, options);
            else
                await deleteVersion(context, key, versionId, options);
        }
        catch (error) {
            fail(name, error);
        }
    });
    throwIfAborted(options.signal, 'delete');
    return failed;
}
async function deleteBatch(context, names, options, fail) {
    const { client } = context;
    const objects = names.map(({ key, versionId }) => {
        const version = versionId === undefined ? '' : `<VersionId>${escapeXml(versionId)}</VersionId>`;
        return `<Object><Key>${escapeXml(key)}</Key>${version}</Object>`;
    });
    const body = Buffer.from(`<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects.join('')}<Quiet>true</Quiet></Delete>`);
    const call = {
        op: 'delete',
        method: 'POST',
        path: client.address.bucketPath,
        query: 'delete=',
        // Servers older than the newer checksums insist on this one (RFC 1864).
        headers: ['content-type', 'application/xml', 'content-md5', hash('md5', body, 'base64')],
        body,
        payloadHash: sha256Hex(body),
        signal: options.signal,
        mutates: true,
        slow: true,
        maxAnswerBytes: 8 * 1024 * 1024,
    };
    const errors = await client.send(call, answer => {
        const found = [];
        let fields = {};
        readAnswer(call, answer, 'DeleteResult', (element, text, depth) => {
            if (depth === 2)
                fields[element] = text;
            else if (depth === 1) {
                const { Key: key = '', VersionId: versionId, Code: code = '' } = fields;
                fields = {};
                if (element !== 'Error' || code === 'NoSuchKey' || code === 'NoSuchVersion')
                    return;
                const context = { op: 'delete', key };
                const status = STATUS_OF[code] ?? 400;
                found.push({
                    key,
                    versionId,
                    error: answerError(context, { status, headers: answer.headers }, { code, message: '' }),
                });
            }
        });
        return found;
    });
    for (const { key, versionId, error } of errors) {
        const isMeant = (name) => name.key === key && (name.versionId === undefined || name.versionId === versionId);
        for (const name of names.filter(isMeant))
            fail(name, error);
    }
}
/** An error within a 200 has no status of its own. */
const STATUS_OF = { AccessDenied: 403, InternalError: 500, SlowDown: 503 };
async function eachOf(items, underWay, work) {
    let next = 0;
    const worker = async () => {
        while (next < items.length)
            await work(items[next++]);
    };
    await Promise.all(Array.from({ length: Math.min(underWay, items.length) }, worker));
}
//# sourceMappingURL=delete.js.map