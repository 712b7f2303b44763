import { StorageError } from '../../core/errors.js';
import { isArchiveClass } from '../../core/storage-class.js';
import { s3CodeOf } from './errors.js';
import { headObject } from './head.js';
import { keyPath } from './requests.js';
import { sha256Hex } from './sigv4.js';
/**
 * Asks for an archived object back (S3 API, "RestoreObject"). One that is on its way already is left to come, and one
 * that is back stays for longer.
 *
 * @returns what it is then
 * @throws StorageError `NOT_FOUND`, `UNSUPPORTED` where the server restores nothing, `ARCHIVED` where it cannot be had
 *   this fast now
 */
export async function thawObject(context, key, options) {
    const { signal } = options;
    const before = await headObject(context, key, { signal });
    if (before.archive === undefined)
        return before;
    // What moves back from the archive tiers of INTELLIGENT_TIERING stays there, and takes no days.
    const days = isArchiveClass(before.storageClass) ? `<Days>${options.days}</Days>` : '';
    // Of one that is back already only the days count.
    const tier = options.tier === undefined || before.archive.state === 'thawed'
        ? ''
        : `<GlacierJobParameters><Tier>${options.tier}</Tier></GlacierJobParameters>`;
    const body = Buffer.from(`<RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${days}${tier}</RestoreRequest>`);
    const call = {
        op: 'thaw',
        key,
        method: 'POST',
        path: keyPath(context.client, key),
        query: 'restore=',
        headers: ['content-type', 'application/xml'],
        body,
        payloadHash: sha256Hex(body),
        signal,
        mutates: true,
    };
    try {
        await context.client.send(call, () => { });
    }
    catch (error) {
        if (StorageError.is(error, 'UNSUPPORTED'))
            throw restoresNothing(key, error);
        if (!DONE.has(s3CodeOf(error) ?? ''))
            throw error;
    }
    return headObject(context, key, { signal });
}
/** A server that takes classes for mere names gives what is in them at once. */
function restoresNothing(key, cause) {
    const message = `${cause.message} It restores nothing; what it keeps in archive classes may be readable as it is.`;
    return new StorageError({ code: 'UNSUPPORTED', op: 'thaw', key, store: 's3', message, cause });
}
/** Refusals of what is as it was asked to be. */
const DONE = new Set(['RestoreAlreadyInProgress', 'ObjectAlreadyInActiveTierError']);
//# sourceMappingURL=thaw.js.map