import { StorageError } from '../../core/errors.js';
import { formatEtag } from './etag.js';
import { headObject } from './head.js';
/**
 * Translates a condition on a write for this endpoint. S3 has no "unless it is this ETag" for writes: it
 * becomes a condition on what is there now, which holds as long as nobody changes it in between.
 *
 * @param feature what publishes the object: a PUT, unless it is known already that the content needs more than one request
 * @throws StorageError `UNSUPPORTED` where the endpoint ignores such conditions; `PRECONDITION_FAILED`
 */
export async function writeConditions(context, key, condition, feature) {
    const style = await context.profile.ask(feature);
    if (style === false)
        throw unsupported(key, feature === 'conditionalComplete');
    const headers = [];
    let { ifMatch, ifNoneMatch } = condition;
    if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
        const current = await currentEtag(context, key, condition.signal);
        if (current === ifNoneMatch || (ifMatch !== undefined && current !== ifMatch))
            throw conditionFailed('put', key, { ifMatch: current });
        if (current === undefined)
            ifNoneMatch = '*';
        else {
            ifMatch = current;
            ifNoneMatch = undefined;
        }
    }
    if (ifMatch !== undefined)
        headers.push('if-match', formatEtag(ifMatch, style));
    if (ifNoneMatch !== undefined)
        headers.push('if-none-match', ifNoneMatch);
    return {
        headers,
        async requireMultipart() {
            if (feature !== 'conditionalComplete' && (await context.profile.ask('conditionalComplete')) === false)
                throw unsupported(key, true);
        },
    };
}
async function currentEtag(context, key, signal) {
    try {
        return (await headObject(context, key, { signal })).etag;
    }
    catch (error) {
        if (StorageError.is(error, 'NOT_FOUND'))
            return undefined;
        throw error;
    }
}
function unsupported(key, multipart) {
    const what = multipart ? 'multipart uploads' : 'writes';
    return new StorageError({
        code: 'UNSUPPORTED',
        op: 'put',
        key,
        store: 's3',
        message: `This server ignores conditions (ifMatch, ifNoneMatch) on ${what}; nothing was sent.`,
    });
}
/**
 * Decides what a condition that did not hold means: where an earlier try of the same write was applied and its
 * answer lost, the write itself stands in its own way, and has succeeded.
 */
export async function settleCondition(context, key, writeId, error, options) {
    const refused = StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND');
    if (!refused)
        throw error;
    const stat = await headObject(context, key, { signal: options.signal }).catch((other) => {
        if (StorageError.is(other, 'NOT_FOUND'))
            return undefined;
        throw other;
    });
    if (stat?.writeId === writeId)
        return stat;
    throw conditionFailed(error.op, key, options, error.cause);
}
/** The error for a condition that did not hold. */
export function conditionFailed(op, key, condition, cause) {
    const exists = condition.ifNoneMatch === '*';
    return new StorageError({
        code: exists ? 'ALREADY_EXISTS' : 'PRECONDITION_FAILED',
        op,
        key,
        store: 's3',
        message: exists
            ? 'There is an object under this key already.'
            : 'The object is not the one that the condition names.',
        cause,
    });
}
//# sourceMappingURL=conditions.js.map