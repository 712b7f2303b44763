import { createHash } from 'node:crypto';
import { internalKey } from '../core/key.js';
import { contentOf } from './journal.js';
/**
 * An entry for another bucket is held under its own key until that key has an entry for this bucket. Then it is
 * set aside: it lies in the journal under a key of Holdfast's own, which nobody reads or replicates, and comes
 * back when its bucket is the primary again.
 */
const ASIDE = internalKey('held/');
const TARGET_CHARACTERS = 16;
/** Whether a row under this key is set aside. */
export function isAside(key) {
    return key.startsWith(ASIDE);
}
/** The key that a row is about, wherever it lies. */
export function keyOfRow({ key }) {
    return isAside(key) ? key.slice(ASIDE.length + TARGET_CHARACTERS + 1) : key;
}
/** What moves a row aside. An earlier one of the same bucket is replaced: the newest state of a key counts. */
export function settingAside(journal, row) {
    const key = `${startOf(row.target)}${row.key}`;
    return { key, seen: journal.get(key), next: { ...contentOf(row), superseded: true } };
}
/** The start of the keys under which the rows of a bucket are set aside. */
export function startOf(target) {
    return `${ASIDE}${createHash('sha256').update(target).digest('hex').slice(0, TARGET_CHARACTERS)}/`;
}
//# sourceMappingURL=aside.js.map