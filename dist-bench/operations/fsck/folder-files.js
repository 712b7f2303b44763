import { join } from 'node:path';
import { shown } from '../../core/errors.js';
import { isAdopted } from '../../stores/local/adoption-scan.js';
import { sameIdentity, systemCode } from '../../stores/local/files.js';
import { sweep } from '../../stores/local/recovery.js';
import { walk } from '../../stores/local/walk.js';
const SHOWN_EVERY = 256;
/** Looks for what processes that ended have left in their staging folders. */
export async function checkStaging(check) {
    const { root, options } = check;
    const tmp = join(root.ownPath, 'tmp');
    for (const { name } of await root.files.readFolder(tmp)) {
        const id = name.toString();
        if (!root.isDead(id))
            continue;
        const path = join(tmp, id);
        const left = await sizesIn(root, path);
        if (left.length === 0)
            continue;
        const bytes = left.reduce((sum, size) => sum + size, 0);
        await check.report({
            code: 'STAGING_LEFT',
            path,
            message: `A process that ended has left ${left.length} files here (${bytes} bytes).`,
            mend: async () => {
                await sweep(root, options.signal ?? new AbortController().signal);
                return (await sizesIn(root, path)).length === 0;
            },
        });
    }
}
/** Tells of files that were taken out of the way of objects, and of those that were kept because nobody knew them. */
export async function checkDisplaced(check) {
    const { root } = check;
    const displaced = join(root.ownPath, 'displaced');
    for (const { name } of await root.files.readFolder(displaced)) {
        const message = 'It was in the way of an object, and was moved here; Holdfast does not need it.';
        await check.report({ code: 'FILE_DISPLACED', path: join(displaced, name.toString()), message });
    }
    const kept = await sizesIn(root, join(root.ownPath, 'lost+found'));
    if (kept.length === 0)
        return;
    await check.report({
        code: 'LOST_AND_FOUND',
        path: join(root.ownPath, 'lost+found'),
        message: `${kept.length} files are kept here that could not be attributed to a key; remove them when nobody misses them.`,
    });
}
/** Looks for files among those of the objects that no row names. */
export async function checkTree(check) {
    const { root, reporter } = check;
    const adopted = isAdopted(root.ledger);
    let waiting = 0;
    let count = 0;
    for await (const found of walk(root, '')) {
        check.throwIfAborted();
        if (++count % SHOWN_EVERY === 0)
            reporter.step(SHOWN_EVERY);
        if ('reason' in found) {
            const message = `It cannot be an object: ${found.reason}.`;
            await check.report({ code: 'FILE_UNKNOWN', path: join(root.path, found.path), message });
        }
        else if (await isUnknown(root, found.key, found.stat)) {
            if (adopted)
                await reportUnknown(check, found.key);
            else
                waiting++;
        }
    }
    if (waiting === 0)
        return;
    const message = `${waiting} files that were in the folder before are not taken over yet; a running server does it.`;
    await check.report({ code: 'NOT_ADOPTED_YET', message });
}
/** Whether no row explains a file, twice over: what is being removed is gone at the second look. */
async function isUnknown(root, key, seen) {
    if (isExplained(root, key))
        return false;
    const now = await root.files.lstat(join(root.path, key)).catch(() => undefined);
    if (now === undefined || !sameIdentity(root.identityOf(now), seen))
        return false;
    return !isExplained(root, key);
}
/** A row with work may still remove the file; one whose object is in the tree is held against it elsewhere. */
function isExplained(root, key) {
    const row = root.ledger.get(key)?.row;
    return row !== undefined && (row.work !== undefined || row.object?.at === 'tree');
}
async function reportUnknown(check, key) {
    const { root } = check;
    const isElsewhere = root.ledger.get(key) !== undefined;
    const message = isElsewhere
        ? `It is not the object ${shown(key)}, whose file is kept elsewhere.`
        : 'Somebody else put it here, and it is no object; "holdfast import" makes it one.';
    await check.report({ code: 'FILE_UNKNOWN', key, path: join(root.path, key), message });
}
/** The sizes of the files in a folder; none if it is gone. */
async function sizesIn(root, folder) {
    try {
        const sizes = [];
        for (const { name } of await root.files.readFolder(folder)) {
            const stat = await root.files.lstat(join(folder, name.toString())).catch(() => undefined);
            if (stat?.kind === 'file')
                sizes.push(stat.size);
        }
        return sizes;
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return [];
        throw error;
    }
}
//# sourceMappingURL=folder-files.js.map