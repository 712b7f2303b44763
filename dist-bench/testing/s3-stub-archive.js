import { elements, NO_BODY, StubError } from './s3-stub-answer.js';
const DAY_MS = 86_400_000;
const ARCHIVES = new Set(['GLACIER', 'DEEP_ARCHIVE']);
const isArchived = ({ headers }) => ARCHIVES.has(headers['x-amz-storage-class']);
/** Refuses to read or copy what is archived and not restored (S3 API, "GetObject", InvalidObjectState). */
export function checkReadable(object) {
    const { restore } = object;
    const now = Date.now();
    if (!isArchived(object) || (restore !== undefined && restore.from <= now && now < restore.until))
        return;
    throw new StubError(403, 'InvalidObjectState', "The operation is not valid for the object's storage class");
}
/** What GET and HEAD tell of a restoration (S3 API, "HeadObject", `x-amz-restore`). */
export function restoreHeaders({ restore }) {
    const now = Date.now();
    if (restore === undefined || now >= restore.until)
        return {};
    const text = now < restore.from
        ? 'ongoing-request="true"'
        : `ongoing-request="false", expiry-date="${new Date(restore.until).toUTCString()}"`;
    return { 'x-amz-restore': text };
}
/** RestoreObject. @param delayMs until the object can be read */
export function restoreObject(bucket, key, xml, delayMs) {
    const object = bucket.find(key);
    if (!isArchived(object)) {
        const message = "Restore is not allowed for the object's current storage class";
        throw new StubError(403, 'InvalidObjectState', message);
    }
    const [days] = elements(xml, 'Days');
    const [tier] = elements(xml, 'Tier');
    if (!/^[1-9]\d*$/.test(days ?? ''))
        throw new StubError(400, 'MalformedXML');
    if (tier !== undefined && !/^(?:Standard|Bulk|Expedited)$/.test(tier))
        throw new StubError(400, 'MalformedXML');
    const now = Date.now();
    const before = object.restore;
    const isBack = before !== undefined && before.from <= now && now < before.until;
    if (before !== undefined && now < before.from) {
        throw new StubError(409, 'RestoreAlreadyInProgress', 'Object restore is already in progress');
    }
    const from = isBack ? before.from : now + delayMs;
    const until = (isBack ? now : from) + Number(days) * DAY_MS;
    bucket.change(key, { restore: { from, until } });
    return { status: isBack ? 200 : 202, headers: {}, body: NO_BODY };
}
//# sourceMappingURL=s3-stub-archive.js.map