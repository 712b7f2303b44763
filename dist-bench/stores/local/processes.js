import { join } from 'node:path';
import { systemCode } from './files.js';
/** The processes that have a folder open, by their ids: each has its staging folder. */
export async function livingProcesses(files, ownPath, isDead) {
    try {
        const entries = await files.readFolder(join(ownPath, 'tmp'));
        return entries.map(entry => entry.name.toString()).filter(id => !isDead(id));
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return [];
        throw error;
    }
}
//# sourceMappingURL=processes.js.map