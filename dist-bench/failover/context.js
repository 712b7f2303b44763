import { setImmediate as nextTurn } from 'node:timers/promises';
import { StorageError } from '../core/errors.js';
import { isAside, settingAside } from './aside.js';
import { anyAttempts, contentOf, droppedFiles, mergeUnknown, } from './journal.js';
/** Requests of dead processes that may still land, as far as they could touch any key; undefined once none can. */
export function suspicion(context) {
    const signedAt = context.journal.suspectedAt();
    if (signedAt === 0)
        return undefined;
    return context.primary.now() < signedAt + context.settings.settleWindowMs
        ? anyAttempts(signedAt)
        : undefined;
}
/** Whether the row is one that speaks for the key: held entries of another bucket do not. */
export function isOurs(context, row) {
    return row !== undefined && row.target === context.primary.target && !isAside(row.key);
}
/** What is known of attempts at the primary; those at another bucket do nothing to this one. */
export function unknownOf(context, row) {
    return isOurs(context, row) ? row.unknown : undefined;
}
/** The row's acknowledged state, if the key is busy. */
export function busyState(context, row) {
    return isOurs(context, row) ? row.state : undefined;
}
/**
 * Commits a row, keeps count, and removes the bytes that no row names any more. What the row held for another
 * bucket is set aside for that. A key that has no row of ours after it has no copy in the read cache before: the
 * primary may hold something else by now.
 *
 * @returns false if the row was another by now
 */
export async function commit(context, key, seen, next, options = {}) {
    const held = seen !== undefined && next !== undefined && seen.target !== next.target;
    const given = held
        ? { ...options, also: [...(options.also ?? []), settingAside(context.journal, seen)] }
        : options;
    if (next?.target !== context.primary.target)
        await context.cache?.forget(key);
    let isDrained = false;
    const counted = context.totals.changing();
    try {
        if (!(await commitRow(context, key, seen, next, given)))
            return false;
        isDrained = context.totals.changed(seen, next);
        for (const change of given.also ?? [])
            context.totals.changed(change.seen, change.next);
    }
    finally {
        counted();
    }
    // What comes back from aside was told of when it was acknowledged.
    if (options.also === undefined)
        context.chronicle.committed(key, seen, next, options);
    if (isDrained)
        context.totals.drained();
    for (const file of droppedFiles(seen, next, given.also)) {
        if (options.conflict?.file !== file)
            await context.bytes.remove(file).catch(() => { });
    }
    return true;
}
/** Commits what frees space, now or later: on a full disk, with the space that is held for that. */
export async function withRelief(context, commit) {
    try {
        return await commit();
    }
    catch (error) {
        if (!StorageError.is(error, 'NO_SPACE') || context.relieve === undefined)
            throw error;
        // Tried again also where it was given up already: many fail at once.
        await context.relieve();
        return commit();
    }
}
async function commitRow(context, key, seen, next, options) {
    const run = async () => {
        const attaching = context.attach();
        if (attaching !== undefined)
            await attaching;
        return context.journal.commit(key, seen, next, options);
    };
    const frees = next?.state?.kind !== 'put' || seen?.state?.writeId === next.state.writeId;
    return frees ? withRelief(context, run) : run();
}
/** Removes the local copy from before the primary, once something newer was acknowledged: it never serves again. */
export async function dropLegacy({ legacy }, key) {
    if (legacy?.holds(key) === true)
        await legacy.store.delete(key);
}
/** Notes attempts whose outcome is not known, whatever the row is by now. */
export async function noteUnknown(context, key, attempts) {
    await change(context, key, row => {
        if (!isOurs(context, row))
            return { target: context.primary.target, unknown: attempts };
        return { ...contentOf(row), unknown: mergeUnknown(row.unknown, attempts) };
    });
    context.wake(key);
}
/**
 * Called when a write of ours to a quiet key was applied. If the key has become busy meanwhile, the write counts
 * as older than what was acknowledged there, and whoever is about to find the primary in agreement must look
 * again: the row gets a new revision.
 */
export async function settleOvertaken(context, key) {
    const row = context.journal.get(key);
    if (busyState(context, row) === undefined)
        return;
    await change(context, key, now => (busyState(context, now) === undefined ? 'keep' : withoutAgreement(now)));
    context.wake(key);
}
function withoutAgreement(row) {
    const { agreedAt, ...content } = contentOf(row);
    return content;
}
/** Changes a row by what it is at that moment. */
async function change(context, key, next) {
    for (;;) {
        const row = context.journal.get(key);
        const content = next(row);
        if (content === 'keep' || (await commit(context, key, row, content)))
            return;
        await nextTurn();
    }
}
/**
 * A stat of the primary as users see it: its ETag is the write id, where it has one. The stat is changed in place;
 * it was made for this one answer.
 */
export function seenStat(stat) {
    if (stat.writeId !== undefined)
        stat.etag = stat.writeId;
    return stat;
}
//# sourceMappingURL=context.js.map