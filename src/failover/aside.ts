import { createHash } from 'node:crypto'
import { internalKey, type Key } from '../core/key.js'
import { contentOf, type Journal, type JournalRow, type RowChange } from './journal.js'

/**
 * An entry for another bucket is held under its own key until that key has an entry for this bucket. Then it is
 * set aside: it lies in the journal under a key of Holdfast's own, which nobody reads or replicates, and comes
 * back when its bucket is the primary again.
 */
const ASIDE = internalKey('held/')
const TARGET_CHARACTERS = 16

/** Whether a row under this key is set aside. */
export function isAside(key: string): boolean {
  return key.startsWith(ASIDE)
}

/** The key that a row is about, wherever it lies. */
export function keyOfRow({ key }: JournalRow): Key {
  return isAside(key) ? (key.slice(ASIDE.length + TARGET_CHARACTERS + 1) as Key) : key
}

/** What moves a row aside. An earlier one of the same bucket is replaced: the newest state of a key counts. */
export function settingAside(journal: Journal, row: JournalRow): RowChange {
  const key = `${startOf(row.target)}${row.key}` as Key
  return { key, seen: journal.get(key), next: { ...contentOf(row), superseded: true } }
}

/** The start of the keys under which the rows of a bucket are set aside. */
export function startOf(target: string): string {
  return `${ASIDE}${createHash('sha256').update(target).digest('hex').slice(0, TARGET_CHARACTERS)}/`
}
