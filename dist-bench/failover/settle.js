import { StorageError } from '../core/errors.js';
import { toConflict } from './conflicts.js';
import { commit, suspicion } from './context.js';
import { contentOf, mergeUnknown } from './journal.js';
import { agrees } from './replay.js';
/** Milliseconds until a row that waits for late attempts can be checked, as far as this host's clock tells. */
export function settlesInMs(context, row) {
    const { availability, primary, settings } = context;
    const window = row.unknown === undefined ? 0 : row.unknown.signedAt + settings.settleWindowMs - primary.now();
    const quiet = availability.answeringSince + settings.settleQuietMs - performance.now();
    return Math.max(window, quiet, 0);
}
/**
 * Checks a row whose state the primary held, or that has none, once no attempt in doubt can land any more: by
 * the primary's clock, which an answer tells. What a late attempt has undone is done again.
 */
export async function settle(context, row, epoch, host, signal) {
    const { key, state } = row;
    // What a dead process had on its way may undo it as well as what is noted.
    const unknown = mergeUnknown(row.unknown, suspicion(context));
    const { object, time } = await context.primary.look(key, { signal });
    if (unknown !== undefined && time < unknown.signedAt + context.settings.settleWindowMs)
        return 'later';
    const remove = async () => {
        if (!(await commit(context, key, row, undefined, { epoch })))
            return 'again';
        if (object?.versionId !== undefined && unknown?.put !== undefined)
            await removeSurplus(context, key, signal);
        return 'done';
    };
    if (state === undefined)
        return remove();
    const own = object?.stamp?.host === host;
    if (state.kind === 'delete')
        return own ? redo(context, row, epoch) : remove();
    if (object !== undefined && agrees(object, state, object.etag))
        return state.retagged === true ? again(context, row, epoch) : remove();
    if (own || (object === undefined && unknown?.deletes === true))
        return redo(context, row, epoch);
    // It was there, and nothing of ours can have removed it: a rule of the bucket did, or somebody who wanted it gone.
    if (object === undefined)
        return remove();
    return toConflict(context, { ...row, unknown: undefined }, state, epoch);
}
/**
 * An attempt in doubt that was carried out after all has left its version beside that of its repetition. Where
 * the account may not remove versions, it stays: the promise is about the current one.
 */
async function removeSurplus(context, key, signal) {
    try {
        await context.primary.removeSurplusVersions?.(key, { signal });
    }
    catch (error) {
        if (!StorageError.is(error))
            throw error;
        context.logger.debug({ key, code: error.code }, `Surplus versions were left in the bucket: ${error.message}`);
    }
}
/** Sends the state once more. */
function redo(context, row, epoch) {
    context.logger.warn({ key: row.key }, 'A late request has undone a newer write; it is done again');
    return again(context, row, epoch);
}
/** Brings the state to the primary as if for the first time; every attempt from before has had its time. */
async function again(context, row, epoch) {
    const { agreedAt, unknown, ...content } = contentOf(row);
    await commit(context, row.key, row, content, { epoch });
    return 'again';
}
//# sourceMappingURL=settle.js.map