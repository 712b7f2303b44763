import { throwIfAborted } from '../core/errors.js'
import type { Ledger, LedgerSnapshot } from '../stores/local/ledger.js'
import type { Row } from '../stores/local/row.js'
import { objectFile } from '../stores/local/tree.js'
import type { LedgerJournal } from './ledger-journal.js'

const PAGE = 1000

/**
 * Takes out of a set of names those that the ledger speaks of: files in `objects` (`<folder>/<name>`), and ids of bytes
 * that lie in the ledger itself; as those of an entry of the journal, of a conflict, or of an object or an earlier
 * version of one. All of it is read as of one moment, since an entry may move from one key to another; the memory it
 * takes does not grow with the ledger.
 *
 * @param names what is left in it when this resolves, nothing speaks of
 */
export async function removeNamed(
  ledger: Ledger,
  journal: LedgerJournal,
  names: Set<string>,
  signal?: AbortSignal,
): Promise<void> {
  if (names.size === 0) return
  const at = ledger.snapshot()
  try {
    await removeEntries(journal, names, at, signal)
    await removeConflicts(journal, names, at, signal)
    if ([...names].some(isOfObject)) await removeObjects(ledger, names, at, signal)
  } finally {
    at.done()
  }
}

async function removeEntries(
  journal: LedgerJournal,
  names: Set<string>,
  at: LedgerSnapshot,
  signal?: AbortSignal,
): Promise<void> {
  for (let after: string | undefined; names.size > 0; ) {
    throwIfAborted(signal, 'fsck')
    const rows = journal.scan({ after, limit: PAGE }, at)
    for (const { state } of rows) if (state?.kind === 'put') names.delete(state.file)
    if (rows.length < PAGE) return
    after = rows.at(-1)?.key
    await nextTurn()
  }
}

async function removeConflicts(
  journal: LedgerJournal,
  names: Set<string>,
  at: LedgerSnapshot,
  signal?: AbortSignal,
): Promise<void> {
  for (let after: string | undefined; names.size > 0; ) {
    throwIfAborted(signal, 'fsck')
    const conflicts = journal.conflictPage(after, PAGE, at)
    for (const { file } of conflicts) names.delete(file)
    if (conflicts.length < PAGE) return
    after = conflicts.at(-1)?.id
    await nextTurn()
  }
}

async function removeObjects(
  ledger: Ledger,
  names: Set<string>,
  at: LedgerSnapshot,
  signal?: AbortSignal,
): Promise<void> {
  for (let after: string | undefined; names.size > 0; ) {
    throwIfAborted(signal, 'fsck')
    const rows = ledger.page(after, PAGE, at)
    for (const { row } of rows) for (const file of namesIn(row)) names.delete(file)
    if (rows.length < PAGE) return
    after = rows.at(-1)?.key
    await nextTurn()
  }
}

/** The files in `objects` that a row may speak of, and the ids of its bytes in the ledger. */
function namesIn({ object, work }: Row): string[] {
  const names: string[] = []
  if (object !== undefined && (object.at === 'objects' || work !== undefined)) {
    names.push(objectFile(object.writeId))
  }
  if (object !== undefined && work?.inline === true) names.push(object.writeId)
  for (const { at, writeId, inline } of work?.garbage ?? []) {
    if (at !== 'tree') names.push(objectFile(writeId))
    if (inline === true) names.push(writeId)
  }
  return names
}

/** Whether a name may be of an object: its file lies in the folder that its name begins with. */
function isOfObject(name: string): boolean {
  const folderEnd = name.indexOf('/')
  return folderEnd === -1 ? !name.includes(':') : name === objectFile(name.slice(folderEnd + 1))
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
