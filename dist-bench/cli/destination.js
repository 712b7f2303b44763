import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isSystemError, usageError } from './failure.js';
/**
 * What the arguments of `put` mean: the last of several is where the others go, as `cp` has it. One file goes to
 * the key given, or below it where it ends in `/`, or to its own name; what is in one folder goes below the
 * prefix given, or below the folder's name; several keep their names below the prefix.
 *
 * @param to the key or prefix, if it is given by `--to`: then every argument is a file or folder
 * @param recursive whether folders are taken as such; otherwise they are treated as files, and fail as such
 * @throws StorageError `INVALID_ARGUMENT` where it is not plain which argument is the key
 */
export async function destinations(args, to, recursive) {
    const paths = to !== undefined || args.length === 1 ? args : args.slice(0, -1);
    const target = to ?? (args.length === 1 ? undefined : args.at(-1));
    if (to === undefined && target !== undefined && !target.endsWith('/'))
        await checkTarget(paths, target, recursive);
    return Promise.all(paths.map(path => place(path, target, paths.length > 1, recursive)));
}
/** A prefix with the `/` that makes it a folder's; the empty one is everything's. */
export function asFolder(prefix) {
    return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}
/** A pattern of the shell (`put *.jpg`) makes the last file look like the key: nobody means that. */
async function checkTarget(paths, target, recursive) {
    if (paths.length > 1 && !recursive) {
        throw usageError(`Several files go below a prefix, which ends in "/", and the last argument, ${target}, does not. End it so, or give the prefix by --to.`);
    }
    if (target !== paths[0] && (await kindOf(target)) === 'file') {
        throw usageError(`${target} is a file here too: is it the key, or to be stored as well? Say --to ${target}, or --to <prefix>/ to store both.`);
    }
}
async function place(path, target, isOneOfSeveral, recursive) {
    const last = basename(path);
    // "." and ".." are no names: what is in them goes right below the prefix.
    const name = last === '.' || last === '..' ? '' : last;
    if (recursive && (await kindOf(path)) === 'folder') {
        const below = target === undefined || isOneOfSeveral ? name : '';
        return { path, key: asFolder(asFolder(target ?? '') + below), isFolder: true };
    }
    // What comes from stdin has no name.
    if (path === '-' && !isOneOfSeveral)
        return { path, key: target ?? '', isFolder: false };
    if (target === undefined)
        return { path, key: name, isFolder: false };
    const key = isOneOfSeveral || target.endsWith('/') ? asFolder(target) + name : target;
    return { path, key, isFolder: false };
}
async function kindOf(path) {
    try {
        const there = await stat(path);
        return there.isFile() ? 'file' : there.isDirectory() ? 'folder' : 'other';
    }
    catch (error) {
        if (isSystemError(error))
            return 'other';
        throw error;
    }
}
//# sourceMappingURL=destination.js.map