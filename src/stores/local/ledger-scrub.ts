import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, RootDatabase } from 'lmdb'
import { StorageError } from '../../core/errors.js'

/** Runs what it is given in one durable commit. */
type Commit = (write: () => void) => Promise<void>

type Raw = Database<Buffer, Buffer>

/** The table of zeros, empty but for while it is filled. */
const FILL = 'scrub'
/** What LMDB puts before the content of a page. */
const PAGE_HEAD_BYTES = 24
/** Pages of one commit. */
const FILL_PAGES = 512
/** Entries of one commit. */
const TOUCHED = 1000
/** Tables named by keys are gone through as a whole up to so many entries. */
const FEW = 10_000
/** So many free pages stay unfilled: those that the filling itself frees. */
const SPARE_PAGES = 64
const ROUNDS = 40
const PAUSE_MS = 50

/** Tables named by keys; those of others may hold more than the entries that were named by one. */
const BY_KEY: ReadonlySet<string> = new Set(['rows', 'pending', 'x-journal'])

/**
 * Overwrites what is left in a database of entries that were removed.
 *
 * Removed entries are in two places. In pages that no entry uses any more: they are given to entries of zeros, as many
 * as it takes until the file has to grow, which are then removed. And in gaps of pages in use, from which an entry was
 * taken: LMDB leaves gaps out when it copies a page, and it copies a page to change it. So each such page is changed,
 * by an entry that comes and goes beside one that is there, before the pages that are free by then are filled.
 *
 * The names of removed entries can stay in the inner pages of the tree, as what parts its branches.
 */
export async function scrubLedger(
  environment: RootDatabase,
  keys: readonly string[] | undefined,
  commit: Commit,
): Promise<void> {
  for (const name of tablesOf(environment)) {
    const table = rawOf(environment, name)
    const isLarge = BY_KEY.has(name) && entriesOf(table) > FEW
    await touch(table, keys !== undefined && isLarge ? neighbours(table, keys) : everyKey(table), commit)
  }
  await fill(environment, commit)
}

function tablesOf(environment: RootDatabase): string[] {
  const names = Array.from(environment.getKeys({}))
  return names.filter((name): name is string => typeof name === 'string' && name !== FILL)
}

function rawOf(environment: RootDatabase, name: string): Raw {
  return environment.openDB<Buffer, Buffer>(name, { keyEncoding: 'binary', encoding: 'binary' })
}

function entriesOf(table: Raw): number {
  return (table.getStats() as { entryCount: number }).entryCount
}

/** Keys in pieces, each read at its own moment. */
function* everyKey(table: Raw): Generator<Buffer[], void, void> {
  let after: Buffer | undefined
  for (;;) {
    const start = after === undefined ? {} : { start: Buffer.concat([after, Buffer.of(0)]) }
    const piece = Array.from(table.getKeys({ ...start, limit: TOUCHED }), key => Buffer.from(key))
    if (piece.length === 0) return
    yield piece
    after = piece.at(-1)
  }
}

/** What lies on both sides of where entries were: one of them is in the page that they were taken from. */
function* neighbours(table: Raw, keys: readonly string[]): Generator<Buffer[], void, void> {
  for (let at = 0; at < keys.length; at += TOUCHED) {
    const piece: Buffer[] = []
    for (const key of keys.slice(at, at + TOUCHED)) {
      const start = Buffer.from(key)
      for (const reverse of [true, false]) {
        for (const found of table.getKeys({ start, reverse, limit: 1 })) piece.push(Buffer.from(found))
      }
    }
    yield piece
  }
}

/** Changes the pages that these keys are in, and no entry of theirs. */
async function touch(table: Raw, pieces: Iterable<Buffer[]>, commit: Commit): Promise<void> {
  for (const piece of pieces) {
    await commit(() => {
      for (const key of piece) {
        const beside = Buffer.concat([key, Buffer.of(0)])
        table.put(beside, NOTHING)
        table.remove(beside)
      }
    })
  }
}

const NOTHING = Buffer.alloc(0)

/** Gives every free page to an entry of zeros, and removes those again. */
async function fill(environment: RootDatabase, commit: Commit): Promise<void> {
  const table = rawOf(environment, FILL)
  const run = randomBytes(8)
  const { pageSize } = statsOf(environment)
  const zeros = Buffer.alloc(pageSize - PAGE_HEAD_BYTES)
  try {
    let filled = 0
    for (let round = 0; ; round++) {
      for (let grown = false; !grown; ) {
        const before = statsOf(environment).lastPageNumber
        await commit(() => {
          for (let i = 0; i < FILL_PAGES; i++) table.put(keyOf(run, filled++), zeros)
        })
        grown = statsOf(environment).lastPageNumber - before >= FILL_PAGES / 2
      }
      if (freePages(environment) <= SPARE_PAGES) return
      if (round === ROUNDS) throw stillRead()
      await sleep(PAUSE_MS)
    }
  } finally {
    // Of a run that was cut off too.
    for (const piece of everyKey(table)) {
      await commit(() => {
        for (const key of piece) table.remove(key)
      })
    }
  }
}

function keyOf(run: Buffer, index: number): Buffer {
  const key = Buffer.alloc(run.length + 4)
  run.copy(key)
  key.writeUInt32BE(index, run.length)
  return key
}

interface Stats {
  readonly pageSize: number
  readonly lastPageNumber: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

function statsOf(environment: RootDatabase): Stats & { readonly free: Stats; readonly root: Stats } {
  return environment.getStats() as Stats & { readonly free: Stats; readonly root: Stats }
}

/** Pages of the file that nothing is in. */
function freePages(environment: RootDatabase): number {
  const META_PAGES = 2
  const { lastPageNumber, free, root } = statsOf(environment)
  const pagesOf = ({ treeBranchPageCount, treeLeafPageCount, overflowPages }: Stats): number =>
    treeBranchPageCount + treeLeafPageCount + overflowPages
  let used = META_PAGES + pagesOf(free) + pagesOf(root)
  for (const name of [...tablesOf(environment), FILL]) {
    used += pagesOf(rawOf(environment, name).getStats() as Stats)
  }
  return lastPageNumber + 1 - used
}

function stillRead(): StorageError {
  const message =
    'What was removed from the ledger could not be overwritten: another process still reads it as it was.'
  return new StorageError({ code: 'UNAVAILABLE', op: 'erase', store: 'local', message })
}
