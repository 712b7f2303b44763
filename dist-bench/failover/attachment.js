import { StorageError } from '../core/errors.js';
/** The ledger's fact of the bucket that the folder is a net for. */
const ATTACHED = 'attached-to';
/** The fact of the process that detaches the folder. */
const DETACHING = 'detaching';
/** The endpoint and bucket that the folder is attached to; undefined where it is a store of its own. */
export function attachedTo(root) {
    return root.ledger.fact(ATTACHED);
}
/**
 * Attaches the folder to a bucket, before the first upload or delete is sent there or journaled for it: from then
 * on the bucket may hold what is acknowledged here, and the folder alone no longer knows.
 */
export async function attach(root, target) {
    await root.ledger.setFact(ATTACHED, target);
}
/**
 * Called by whoever opens the folder to store in it, before anything is looked at.
 *
 * @throws StorageError `UNAVAILABLE` while the folder is being detached, `CONFIG_INVALID` if that was broken off
 */
export function refuseWhileDetaching(root) {
    const holder = root.ledger.fact(DETACHING);
    if (holder === undefined)
        return;
    const broken = root.isDead(holder);
    throw new StorageError({
        code: broken ? 'CONFIG_INVALID' : 'UNAVAILABLE',
        op: 'open',
        store: 'local',
        message: broken
            ? `The storage folder was being detached from ${attachedTo(root)}, and that was broken off: run "holdfast detach" again, with the same options, to finish it.`
            : 'The storage folder is being detached from its bucket; it can be opened when that is done.',
    });
}
/**
 * Keeps everybody else from opening the folder to store in it, until {@link endDetaching} or {@link giveUpDetaching}.
 * Whoever opens it names itself first and looks for this note then; here the note is made first and the others are
 * looked for then: so one of the two sees the other.
 *
 * @returns whether one that was broken off is gone on with: then the folder is half way, and nothing to give up
 * @throws StorageError `UNAVAILABLE` if somebody has it open, or is detaching it
 */
export async function beginDetaching(root) {
    const holder = root.ledger.fact(DETACHING);
    const rival = holder !== undefined && holder !== root.processId && !root.isDead(holder);
    if (!rival)
        await root.ledger.setFact(DETACHING, root.processId);
    const others = await root.others();
    if (!rival && others.length === 0)
        return holder !== undefined;
    // A note of one that was broken off stays: the folder is still half way.
    if (!rival && holder === undefined)
        await giveUpDetaching(root);
    const who = others.length === 1 ? `process ${others[0]}` : `processes ${others.join(', ')}`;
    const message = `The storage folder is in use by ${who}: end that first, then run "holdfast detach" again.`;
    throw new StorageError({ code: 'UNAVAILABLE', op: 'detach', store: 'local', message });
}
/** Nothing was changed: the folder may be opened again. */
export async function giveUpDetaching(root) {
    await root.ledger.removeFacts([DETACHING]);
}
/** The folder is a store of its own from now on. */
export async function endDetaching(root) {
    await root.ledger.removeFacts([ATTACHED, DETACHING]);
}
//# sourceMappingURL=attachment.js.map