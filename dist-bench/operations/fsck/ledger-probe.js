import { fork } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StorageError } from '../../core/errors.js';
/** The compiled program of the probe. */
const PROBE_PROGRAM = new URL('./ledger-probe-main.js', import.meta.url);
/**
 * Finds out, in a process of its own, whether a ledger can be read from end to end: LMDB maps its file into memory, and
 * where that is cut or damaged, the operating system ends the process that reads it.
 *
 * @param path the ledger's folder; nothing is made there
 * @throws StorageError `CONFIG_INVALID` for a ledger that another version of Holdfast wrote
 */
export async function probeLedger(path, options = {}) {
    const size = await stat(join(path, 'data.mdb')).then(found => found.size, () => 0);
    if (size === 0)
        return { state: 'missing' };
    const child = fork(fileURLToPath(options.program ?? PROBE_PROGRAM), [path], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        execArgv: [],
    });
    const stop = () => void child.kill('SIGKILL');
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
        return await new Promise((resolve, reject) => {
            let answer;
            child.once('message', message => {
                answer = message;
            });
            child.once('error', reject);
            child.once('exit', (code, signal) => {
                if (options.signal?.aborted)
                    reject(options.signal.reason);
                else if (answer === undefined)
                    resolve({ state: 'unreadable', why: `reading it ends in ${signal ?? code}` });
                else if ('refused' in answer)
                    reject(refused(answer.refused));
                else if ('error' in answer)
                    resolve({ state: 'unreadable', why: answer.error });
                else
                    resolve({ state: 'sound', read: answer.read });
            });
        });
    }
    finally {
        options.signal?.removeEventListener('abort', stop);
    }
}
function refused(message) {
    return new StorageError({ code: 'CONFIG_INVALID', op: 'fsck', store: 'local', message });
}
//# sourceMappingURL=ledger-probe.js.map