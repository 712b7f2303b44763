import { join } from 'node:path';
import { throwIfAborted } from '../core/errors.js';
import { ifThere } from '../stores/local/bytes.js';
/** Files that are forgotten, or taken up, at once. */
const TOGETHER = 256;
const ALL = Buffer.alloc(0);
/**
 * Files in `objects` (`<folder>/<name>`) that no row names any more. A file comes into this list by the very commit that
 * takes its last name away, and leaves it when no power loss can bring the file back: so what a crash leaves of the
 * removal is known, and everything else without a name is a trace of something that went wrong.
 */
export function removalsOf(ledger) {
    return ledger.table('journal-removals');
}
/** Forgets by and by the listed files that this process has removed. */
export class Removals {
    #root;
    #gone = [];
    #forgetting;
    constructor(root) {
        this.#root = root;
    }
    /** A file was removed. */
    gone(file) {
        if (this.#forgetting === undefined) {
            this.#forgetting = Promise.resolve();
            this.#root.beforeClose(() => this.#forget());
        }
        this.#gone.push(file);
        if (this.#gone.length >= TOGETHER)
            void this.#forget();
    }
    async #forget() {
        const files = this.#gone.splice(0);
        // What cannot be forgotten now stays listed; the next start takes it up.
        this.#forgetting = this.#forgetting?.then(() => forget(this.#root, files)).catch(() => { });
        await this.#forgetting;
    }
}
/**
 * Removes the files that are listed still: those of processes that died on it. That another one is about to remove the
 * same is no harm.
 *
 * @returns how many files there were
 */
export async function finishRemovals(root, signal) {
    const listed = removalsOf(root.ledger);
    let removed = 0;
    let start = ALL;
    for (;;) {
        const files = listed.range(start, undefined, TOGETHER).map(({ key }) => key);
        const last = files.at(-1);
        if (last === undefined)
            return removed;
        start = Buffer.from(`${last}\0`);
        // So that no power loss brings back the rows that named them.
        await root.ledger.barrier();
        for (const file of files) {
            throwIfAborted(signal, 'open');
            if (await ifThere(root.files.unlink(join(root.ownPath, 'objects', file))))
                removed++;
        }
        await forget(root, files);
    }
}
/** Makes removals durable, before that is forgotten which would explain the files. @param folders of `objects` */
export async function syncFolders(root, folders) {
    for (const folder of folders)
        await ifThere(root.bytes.syncFolder(join(root.ownPath, 'objects', folder)));
}
async function forget(root, files) {
    if (files.length === 0)
        return;
    await syncFolders(root, new Set(files.map(file => file.slice(0, file.indexOf('/')))));
    const listed = removalsOf(root.ledger);
    await root.ledger.commit([], () => {
        for (const file of files)
            listed.remove(Buffer.from(file));
    });
}
//# sourceMappingURL=removals.js.map