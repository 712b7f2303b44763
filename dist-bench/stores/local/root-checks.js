import { join } from 'node:path';
import { systemCode } from './files.js';
import { filesystemOf } from './filesystem-type.js';
import { failure } from './io-error.js';
/** Finds out by a file of its own whether the filesystem folds case or normal forms. */
export async function foldsNames(files, folder) {
    const name = join(folder, 'Caf\u00e9');
    await files.close(await files.create(name));
    try {
        for (const twin of ['caf\u00e9', 'Cafe\u0301']) {
            try {
                await files.lstat(join(folder, twin));
                return true;
            }
            catch (error) {
                if (systemCode(error) !== 'ENOENT')
                    throw error;
            }
        }
        return false;
    }
    finally {
        await files.unlink(name);
    }
}
/** Refuses a ledger on a network filesystem; returns a warning for files that will not outlive the machine. */
export async function checkFilesystem(path, ledgerPath) {
    const ledger = await filesystemOf(ledgerPath);
    if (ledger.kind === 'network') {
        throw failure('CONFIG_INVALID', 'open', undefined, `The ledger cannot lie on ${ledger.name}, where ${ledgerPath} is: its locks and memory map need a local disk. Set HOLDFAST_LEDGER_PATH to a folder on one.`);
    }
    const root = await filesystemOf(path);
    const passing = root.kind === 'passing' ? root : ledger.kind === 'passing' ? ledger : undefined;
    if (passing === undefined)
        return undefined;
    return `The storage folder ${path} lies on ${passing.name}: acknowledged files are lost with this container or at the next boot. Mount a volume there.`;
}
//# sourceMappingURL=root-checks.js.map