import { join } from 'node:path';
import { ifThere } from '../stores/local/bytes.js';
import { systemCode } from '../stores/local/files.js';
import { storageError } from '../stores/local/io-error.js';
import { finishRemovals, syncFolders } from './removals.js';
import { removeNamed } from './unnamed-files.js';
/**
 * Removes spooled files whose writer died before it committed the row that names them: they were never acknowledged. And
 * those whose last row is gone, and whose removal a crash cut off.
 * For the former, only folders that a dead process had marked, and no living one, are looked at; so a server that is started again and
 * again does not fill the disk, and one that ended well costs nothing.
 *
 * @returns how many files were removed
 */
export async function sweepSpool(root, journal, signal) {
    const { claims } = root;
    const isDead = (id) => root.isDead(id);
    let removed = await finishRemovals(root, signal);
    const { dead } = await claims.read(isDead);
    if (dead.size === 0)
        return removed;
    const names = new Set();
    for (const folder of dead.keys())
        for (const file of await filesIn(root, folder))
            names.add(file);
    // Read after the files: whoever marks a folder from now on writes other files than those.
    const now = await claims.read(isDead);
    for (const file of names)
        if (now.living.has(folderOf(file)))
            names.delete(file);
    await removeNamed(root.ledger, journal, names, signal);
    const folders = new Set();
    for (const file of names) {
        if (signal.aborted)
            return removed;
        const stat = await lookAt(root, file);
        if (stat === undefined || !isCutOff(file, stat, now))
            continue;
        if (folders.size === 0)
            await root.ledger.barrier();
        folders.add(folderOf(file));
        await removeFile(root, file);
        removed++;
    }
    await syncFolders(root, folders);
    for (const [folder, { marks }] of dead)
        if (!now.living.has(folder))
            await claims.forget(marks);
    return removed;
}
/** Runs {@link sweepSpool} beside everything else, until the folder is closed. */
export function sweepSpoolInBackground(root, journal) {
    const stop = new AbortController();
    const swept = sweepSpool(root, journal, stop.signal).then(count => {
        if (count > 0)
            root.logger.info({ count }, 'Uploads that a crash had cut off were removed.');
    }, error => {
        if (stop.signal.aborted)
            return;
        root.diskFailed(error);
        const why = storageError(error, 'open').message;
        root.addProblem('SWEEP_STOPPED', `What a crash had cut off could not all be removed: ${why}`);
    });
    root.beforeClose(async () => {
        stop.abort();
        await swept;
    });
}
/**
 * Whether a file that nothing names was being written by a process that died: its folder carries the mark of one, and
 * it is no older. Any other file without a name is one that nobody can explain.
 */
export function isCutOff(file, stat, claims) {
    const dead = claims.dead.get(folderOf(file));
    return dead !== undefined && stat.mtimeMs >= dead.since;
}
/** The files of a folder of `objects`, as `<folder>/<name>`; none if there is no such folder. */
export async function filesIn(root, folder) {
    try {
        const entries = await root.files.readFolder(pathOf(root, folder));
        return entries.filter(({ kind }) => kind === 'file').map(({ name }) => `${folder}/${name.toString()}`);
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return [];
        throw error;
    }
}
/** Such a file; undefined if it is gone. */
export async function lookAt(root, file) {
    try {
        return await root.files.lstat(pathOf(root, file));
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return undefined;
        throw error;
    }
}
/** Removes such a file, if it is there. */
export async function removeFile(root, file) {
    await ifThere(root.files.unlink(pathOf(root, file)));
}
/** The folder of such a file. */
export function folderOf(file) {
    return file.slice(0, file.indexOf('/'));
}
function pathOf(root, name) {
    return join(root.ownPath, 'objects', name);
}
//# sourceMappingURL=spool-sweep.js.map