import { ifThere } from './bytes.js';
import { FileSource } from './file-source.js';
import { systemCode } from './files.js';
import { NO_LINKS } from './tree.js';
/** Gives a durable file one more name, in this process's staging folder; a copy, where the filesystem has no links. */
export async function nameToTake(root, path, key, { writeId, sha256 }) {
    const { bytes, files, placer, processId, tmpPath } = root;
    const staged = placer.tree.stagedPath(processId, writeId);
    // Of an attempt that failed.
    await ifThere(files.unlink(staged));
    try {
        await files.link(path, staged);
    }
    catch (error) {
        if (!NO_LINKS.has(systemCode(error) ?? ''))
            throw error;
        const fd = await files.openToRead(path);
        try {
            const source = new FileSource(files, fd, (await files.fstat(fd)).size, key);
            return await bytes.write(tmpPath, writeId, source, { op: 'take', key, sha256 });
        }
        finally {
            await files.close(fd);
        }
    }
    await bytes.syncFolder(tmpPath);
    return { identity: await files.lstat(staged), sha256 };
}
//# sourceMappingURL=take.js.map