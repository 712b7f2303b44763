import { randomUUID } from 'node:crypto';
import { attributesOf } from '../core/attributes.js';
import { openSource } from '../core/source.js';
import { commit, dropLegacy, suspicion } from './context.js';
import { HELD, mergeUnknown } from './journal.js';
import { openWhole, spooledSource } from './spool-bytes.js';
/** Lets somebody else's newer object stand, and keeps our bytes for a person to decide. */
export async function toConflict(context, row, state, epoch) {
    const { key, target } = row;
    const { writeId, size, sha256, attributes } = state;
    const file = await conflictFile(context.bytes, key, state);
    const conflict = {
        id: writeId,
        key,
        at: Date.now(),
        loser: 'ours',
        file,
        size,
        sha256,
        attributes,
    };
    // One whose condition did not hold was never the newest.
    if (state.condition === undefined)
        await dropLegacy(context, key);
    const unknown = mergeUnknown(row.unknown, suspicion(context));
    const next = unknown === undefined ? undefined : { target, unknown };
    if (!(await commit(context, key, row, next, { epoch, conflict }))) {
        if (file !== state.file)
            await context.bytes.remove(file);
        return 'again';
    }
    context.logger.error({ key, conflict: writeId }, 'Somebody else changed the key meanwhile; our version is kept as a conflict');
    return 'done';
}
/**
 * A file with the bytes of a state, for a person to look at: one is made where the journal holds them.
 *
 * @throws StorageError `INTEGRITY`
 */
export async function conflictFile(bytes, key, state) {
    if (!state.file.startsWith(HELD))
        return state.file;
    const source = spooledSource(await openWhole(bytes, key, state));
    return (await bytes.write(randomUUID(), source, { key, sha256: state.sha256 })).file;
}
/** Keeps somebody else's object, about to be overwritten by our newer one, for a person to decide. */
export async function saveTheirs(context, key, object, signal) {
    const id = `${object.writeId ?? 'foreign'}-${object.etag}`.replace(/[^A-Za-z0-9-]/g, '').slice(0, 120);
    if (context.journal.conflicts().some(conflict => conflict.id === id))
        return;
    const { body } = await context.primary.store.get(key, { ifMatch: object.etag, signal });
    const source = await openSource(body, { size: object.size, signal });
    try {
        const { file, size, sha256 } = await context.bytes.write(randomUUID(), source, { key, signal });
        const attributes = attributesOf(object);
        await context.journal.addConflict({
            id,
            key,
            at: Date.now(),
            loser: 'theirs',
            file,
            size,
            sha256,
            attributes,
        });
    }
    finally {
        await source.close();
    }
    context.chronicle.conflict({ id, key, loser: 'theirs' });
    context.logger.error({ key, conflict: id }, 'Somebody else changed the key meanwhile; their version is kept as a conflict');
}
//# sourceMappingURL=conflicts.js.map