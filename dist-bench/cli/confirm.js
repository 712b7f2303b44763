import { createInterface } from 'node:readline';
import { abortError } from '../core/errors.js';
import { usageError } from './failure.js';
/**
 * Asks on the terminal whether to go on; no answer means no.
 *
 * @param what such as `Remove 12 files?`
 * @param yes whether `--yes` answers it
 * @throws StorageError `INVALID_ARGUMENT` where nobody can be asked and `--yes` was not given, `ABORTED`
 */
export async function confirm(context, what, yes) {
    if (yes)
        return true;
    if (!process.stdin.isTTY || !process.stderr.isTTY || context.output.json) {
        throw usageError(`${what} Nobody can be asked here; --yes says yes.`);
    }
    const answer = await ask(`${what} [y/N] `, context.signal);
    return /^y(es)?$/i.test(answer.trim());
}
function ask(question, signal) {
    // Not `terminal`: in raw mode Ctrl-C would be a key like others, and no signal.
    const asking = createInterface({ input: process.stdin, terminal: false });
    process.stderr.write(question);
    return new Promise((resolve, reject) => {
        asking.once('line', resolve);
        asking.once('close', () => resolve(''));
        signal.addEventListener('abort', () => reject(abortError(signal, 'cli')), { once: true });
    }).finally(() => {
        asking.close();
        process.stdin.pause();
    });
}
//# sourceMappingURL=confirm.js.map