import { isUtf8 } from 'node:buffer';
import { opendir, stat } from 'node:fs/promises';
import { usageError } from './failure.js';
/**
 * Every file below a folder, in the order in which the system tells of them. Memory does not grow with the
 * number of files. A name that is no valid UTF-8, a folder that cannot be read, a pipe, socket or device is
 * reported as a problem and ends nothing.
 *
 * @throws the system's error if `root` itself is no folder that can be read
 */
export async function* walk(root, options) {
    const waiting = [{ ...(await identity(root)), path: root, name: '', parent: undefined }];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
        if (isSame(folder, options.avoid)) {
            yield { kind: 'passed', what: 'avoided', name: folder.name };
            continue;
        }
        try {
            for await (const entry of entries(folder.path)) {
                const found = await examine(folder, entry, options);
                if ('kind' in found)
                    yield found;
                else
                    waiting.push(found);
            }
        }
        catch (error) {
            if (folder.name === '')
                throw error;
            yield { kind: 'problem', name: folder.name, error };
        }
    }
}
/** Names as bytes: decoded, those that are no valid UTF-8 would be lost. */
async function* entries(path) {
    // Node accepts 'buffer' here as readdir does; its type declarations do not tell.
    const encoding = 'buffer';
    for await (const entry of await opendir(Buffer.from(path), { encoding, bufferSize: 256 })) {
        yield entry;
    }
}
async function examine(folder, entry, options) {
    if (!isUtf8(entry.name)) {
        const error = usageError('The name is no valid UTF-8, as a key has to be.');
        return { kind: 'problem', name: folder.name + escapeBytes(entry.name), error };
    }
    const segment = entry.name.toString();
    const name = folder.name + segment;
    const path = `${folder.path}/${segment}`;
    if (entry.isFile())
        return { kind: 'file', name, path };
    try {
        if (entry.isDirectory())
            return { ...(await identity(path)), path, name: `${name}/`, parent: folder };
        if (!entry.isSymbolicLink())
            throw usageError('This is no regular file: a pipe, socket or device.');
        if (!options.follow)
            return { kind: 'passed', what: 'link', name };
        const target = await stat(path);
        if (target.isFile())
            return { kind: 'file', name, path };
        if (!target.isDirectory())
            throw usageError('This leads to no regular file: to a pipe, socket or device.');
        for (let above = folder; above !== undefined; above = above.parent) {
            if (isSame(above, target))
                throw usageError('This link leads back to a folder that holds it.');
        }
        return { dev: target.dev, ino: target.ino, path, name: `${name}/`, parent: folder };
    }
    catch (error) {
        return { kind: 'problem', name, error };
    }
}
async function identity(path) {
    const { dev, ino } = await stat(path);
    return { dev, ino };
}
/** Whether two files are one. */
export function isSame(a, b) {
    return b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
function escapeBytes(name) {
    return name.toString('latin1').replace(/[\x80-\xff]/g, found => `\\x${found.charCodeAt(0).toString(16)}`);
}
//# sourceMappingURL=walk.js.map