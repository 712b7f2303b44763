import { keyOfRow, startOf } from './aside.js';
import { commit, isOurs } from './context.js';
import { contentOf, mergeUnknown } from './journal.js';
const PAGE = 256;
/** Brings back what was set aside for the bucket that is the primary now, before anybody reads or writes. */
export async function bringBack(context) {
    const { journal, primary } = context;
    const prefix = startOf(primary.target);
    let after;
    for (;;) {
        const rows = journal.scan({ prefix, after, limit: PAGE });
        for (const row of rows) {
            after = row.key;
            await bringBackRow(context, row);
        }
        if (rows.length < PAGE)
            return;
    }
}
async function bringBackRow(context, aside) {
    const { journal } = context;
    const key = keyOfRow(aside);
    for (let row = aside; row !== undefined; row = journal.get(aside.key)) {
        const now = journal.get(key);
        const own = isOurs(context, now) ? now : undefined;
        // Written for this bucket again by another process: that is newer.
        const done = own?.state !== undefined
            ? await commit(context, row.key, row, undefined)
            : await commit(context, key, now, { ...contentOf(row), unknown: mergeUnknown(row.unknown, own?.unknown) }, { also: [{ key: row.key, seen: row, next: undefined }] });
        if (done)
            return;
    }
}
//# sourceMappingURL=bring-back.js.map