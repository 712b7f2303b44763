import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { StorageError, shown, throwIfAborted } from '../../core/errors.js';
import { isKey } from '../../core/key.js';
import { adoption } from './adopt.js';
import { sameIdentity } from './files.js';
import { failure } from './io-error.js';
import { walk } from './walk.js';
/**
 * Takes files that lie in the storage folder for objects, in place: one file, or all below a folder. A file
 * that has an object's name but not its bytes becomes that object's new version.
 *
 * @param path a file or folder, absolute or below the storage folder; all of it unless given
 * @returns how many were taken, and what was passed over and why
 * @throws StorageError `INVALID_ARGUMENT` if the path is not in the folder, or not there
 */
export async function adoptPath(root, adopter, path, signal) {
    const skipped = [];
    let imported = 0;
    for await (const found of await filesAt(root, path)) {
        throwIfAborted(signal, 'import');
        const reason = 'reason' in found ? found.reason : await importFile(root, adopter, found.key, found.stat);
        if (reason === undefined)
            imported++;
        else if (reason !== KNOWN)
            skipped.push({ path: 'key' in found ? found.key : found.path, reason });
    }
    return { imported, skipped };
}
const KNOWN = 'known';
async function filesAt(root, path) {
    if (path === undefined)
        return walk(root, '');
    const full = isAbsolute(path) ? resolve(path) : resolve(root.path, path);
    const inside = relative(root.path, full);
    const key = inside.split(sep).join('/');
    if (inside.startsWith('..') || isAbsolute(inside)) {
        throw failure('INVALID_ARGUMENT', 'import', undefined, `${shown(path)} is not in the storage folder ${root.path}.`);
    }
    if (key === '')
        return walk(root, '');
    const stat = await root.files.lstat(full).catch(() => undefined);
    if (stat === undefined || !isKey(key) || (await root.files.realpath(full)) !== full) {
        throw failure('INVALID_ARGUMENT', 'import', undefined, `${shown(path)} is no file or folder below ${root.path} that can be imported.`);
    }
    if (stat.kind === 'folder')
        return walk(root, `${key}/`);
    if (stat.kind !== 'file')
        return [{ path: key, reason: 'it is not a regular file' }];
    return [{ key, stat: { ...stat, ...root.identityOf(stat) } }];
}
/** @returns why the file was not imported; undefined if it was */
async function importFile(root, adopter, key, stat) {
    const found = root.ledger.get(key);
    try {
        if (found === undefined) {
            if (adopter.waitFor(key, stat) > 0)
                return 'it is still being written';
            const [done] = await adopter.commit([adoption(key, stat)]);
            return done === true ? undefined : 'it was changed meanwhile';
        }
        const { object, work } = found.row;
        if (object !== undefined && sameIdentity(object.identity, stat))
            return KNOWN;
        if (object?.at !== 'tree' || work !== undefined) {
            return 'an object of this name is kept elsewhere';
        }
        const changed = await adopter.reconcile('import', key, found, join(root.path, key), stat);
        return changed ? undefined : 'it was changed meanwhile';
    }
    catch (error) {
        if (StorageError.is(error, 'UNAVAILABLE'))
            return 'it is still being written';
        throw error;
    }
}
//# sourceMappingURL=import.js.map