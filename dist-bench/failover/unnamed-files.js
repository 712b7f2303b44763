import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../core/errors.js';
import { objectFile } from '../stores/local/tree.js';
const PAGE = 1000;
/**
 * Takes out of a set of names those that the ledger speaks of: files in `objects` (`<folder>/<name>`), and ids of bytes
 * that lie in the ledger itself; as those of an entry of the journal, of a conflict, or of an object or an earlier
 * version of one. All of it is read as of one moment, since an entry may move from one key to another; the memory it
 * takes does not grow with the ledger.
 *
 * @param names what is left in it when this resolves, nothing speaks of
 */
export async function removeNamed(ledger, journal, names, signal) {
    if (names.size === 0)
        return;
    const at = ledger.snapshot();
    try {
        await removeEach(names, signal, after => {
            const rows = journal.scan({ after, limit: PAGE }, at);
            for (const { state } of rows)
                if (state?.kind === 'put')
                    names.delete(state.file);
            return rows.length < PAGE ? undefined : rows.at(-1)?.key;
        });
        await removeEach(names, signal, after => {
            const conflicts = journal.conflictPage(after, PAGE, at);
            for (const { file } of conflicts)
                names.delete(file);
            return conflicts.length < PAGE ? undefined : conflicts.at(-1)?.id;
        });
        if (![...names].some(isOfObject))
            return;
        await removeEach(names, signal, after => {
            const rows = ledger.page(after, PAGE, at);
            for (const { row } of rows)
                for (const file of namesIn(row))
                    names.delete(file);
            return rows.length < PAGE ? undefined : rows.at(-1)?.key;
        });
    }
    finally {
        at.done();
    }
}
/**
 * Goes through pages, each in a turn of the event loop of its own, while there are names left.
 *
 * @param page takes out what the page after the one that ended so names; tells how it ended, undefined for the last
 */
async function removeEach(names, signal, page) {
    let after;
    while (names.size > 0) {
        throwIfAborted(signal, 'fsck');
        after = page(after);
        if (after === undefined)
            return;
        await nextTurn();
    }
}
/** The files in `objects` that a row may speak of, and the ids of its bytes in the ledger. */
function namesIn({ object, work }) {
    const names = [];
    if (object !== undefined && (object.at === 'objects' || work !== undefined)) {
        names.push(objectFile(object.writeId));
    }
    if (object !== undefined && work?.inline === true)
        names.push(object.writeId);
    for (const { at, writeId, inline } of work?.garbage ?? []) {
        if (at !== 'tree')
            names.push(objectFile(writeId));
        if (inline === true)
            names.push(writeId);
    }
    return names;
}
/** Whether a name may be of an object: its file lies in the folder that its name begins with. */
function isOfObject(name) {
    const folderEnd = name.indexOf('/');
    return folderEnd === -1 ? !name.includes(':') : name === objectFile(name.slice(folderEnd + 1));
}
//# sourceMappingURL=unnamed-files.js.map