import { lstatSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { isSame } from './walk.js';
/** So many files are measured between two turns of the event loop: some milliseconds. */
const BATCH = 200;
/**
 * The bytes of every file below a folder, links left alone, to know beforehand how much there is to do. What
 * cannot be read is left out. Synchronous calls, some at a time: asynchronous ones would wait behind those of the
 * transfer that is being measured, and end when it does.
 *
 * @param avoid a folder to pass over
 */
export async function* measure(root, avoid) {
    const waiting = [root];
    let count = 0;
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
        for (const entry of entriesOf(folder)) {
            const path = `${folder}/${entry.name}`;
            const there = entry.isFile() || entry.isDirectory() ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
            if (there?.isFile())
                yield there.size;
            else if (there?.isDirectory() && !isSame(there, avoid))
                waiting.push(path);
            if (++count % BATCH === 0)
                await setImmediate();
        }
    }
}
function entriesOf(folder) {
    try {
        return readdirSync(folder, { withFileTypes: true });
    }
    catch {
        return [];
    }
}
//# sourceMappingURL=measure.js.map