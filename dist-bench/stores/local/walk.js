import { join } from 'node:path';
import { isKey } from '../../core/key.js';
import { systemCode } from './files.js';
import { ABSENT } from './reading.js';
/**
 * Walks through the folder's files in an order that does not change, so that a walk can go on behind a place
 * it had reached. Holdfast's own folder is left out.
 *
 * @param base the folder to walk through, as the start of keys: `''` or ending with `/`
 * @param after segments of the path behind which to go on
 */
export async function* walk(root, base, after = []) {
    const folder = join(root.path, base);
    const entries = await root.files.readFolder(folder).catch(error => {
        const code = systemCode(error) ?? '';
        if (ABSENT.has(code))
            return [];
        if (code === 'EACCES' || code === 'EPERM')
            return undefined;
        throw error;
    });
    // Such as the `lost+found` of a volume of its own.
    if (entries === undefined)
        return yield { path: base, reason: 'the folder may not be read' };
    entries.sort((a, b) => a.name.compare(b.name));
    const [next, ...deeper] = after;
    const from = next === undefined ? undefined : Buffer.from(next);
    for (const entry of entries) {
        const order = from === undefined ? 1 : entry.name.compare(from);
        if (order < 0 || (order === 0 && entry.kind !== 'folder'))
            continue;
        const name = entry.name.toString();
        const key = base + name;
        if (base === '' && name === '.holdfast')
            continue;
        if (!Buffer.from(name).equals(entry.name) || !isKey(key)) {
            yield { path: key, reason: 'its name cannot be a key' };
        }
        else if (entry.kind === 'folder') {
            yield* walk(root, `${key}/`, order === 0 ? deeper : []);
        }
        else if (entry.kind !== 'file') {
            yield {
                path: key,
                reason: entry.kind === 'link' ? 'it is a symbolic link' : 'it is not a regular file',
            };
        }
        else {
            const stat = await root.files.lstat(join(root.path, key)).catch(() => undefined);
            if (stat?.kind === 'file')
                yield { key, stat: { ...stat, ...root.identityOf(stat) } };
        }
    }
}
//# sourceMappingURL=walk.js.map