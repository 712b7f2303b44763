import { join } from 'node:path';
import { ifThere } from './bytes.js';
/** Rows taken over at a time: as many as one commit serves well. */
const TOGETHER = 128;
/**
 * Finishes what processes that ended have left: takes over the file work of their rows, then removes what is in
 * their staging folders and belongs to no row. Doing it twice, or in two processes at once, is no harm.
 */
export async function recover(root, signal) {
    const keys = root.ledger.pendingKeys();
    let next = 0;
    const work = async () => {
        for (let key = keys[next++]; key !== undefined && !signal.aborted; key = keys[next++]) {
            await takeOver(root, key);
        }
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
    // The rows are told before the sweep asks what they still need.
    await root.placer.flush();
    if (!signal.aborted)
        await sweep(root, signal);
}
/** Takes over the file work of one row, if its process is dead, and does it. */
export async function takeOver(root, key) {
    const found = root.ledger.get(key);
    const work = found?.row.work;
    if (found === undefined || work === undefined)
        return;
    try {
        if (work.by !== root.processId) {
            if (!root.isDead(work.by))
                return;
            const row = { ...found.row, work: { ...work, by: root.processId } };
            const version = await root.ledger.write({ key, expected: found.version, row });
            if (version === undefined)
                return;
            await root.placer.settle(key, { known: { row, version } });
        }
        else {
            await root.placer.settle(key);
        }
    }
    catch (error) {
        root.diskFailed(error);
        root.logger.warn({ key, error }, 'The file work of an object could not be finished; the next start tries again.');
    }
}
/** Removes staged files of dead processes that no row speaks of. */
export async function sweep(root, signal) {
    const { files, ledger } = root;
    const tmp = join(root.ownPath, 'tmp');
    const dead = (await files.readFolder(tmp))
        .map(entry => entry.name.toString())
        .filter(name => root.isDead(name));
    if (dead.length === 0)
        return;
    // The dead write no more rows: a file that no row speaks of now is never spoken of again.
    const needed = new Set();
    for (const key of ledger.pendingKeys()) {
        const row = ledger.get(key)?.row;
        const staged = row?.work?.staged;
        if (row?.object !== undefined && staged !== undefined)
            needed.add(`${staged}/${row.object.writeId}`);
    }
    for (const name of dead) {
        if (signal.aborted)
            return;
        const folder = join(tmp, name);
        for (const entry of await files.readFolder(folder).catch(() => [])) {
            const file = entry.name.toString();
            if (!needed.has(`${name}/${file}`))
                await ifThere(files.unlink(join(folder, file)));
        }
        // Fails while something in it is needed.
        await files.rmdir(folder).catch(() => { });
    }
}
//# sourceMappingURL=recovery.js.map