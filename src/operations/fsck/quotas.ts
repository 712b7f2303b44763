import { attachedTo } from '../../failover/attachment.js'
import { type Amount, heldOf, recount } from '../../service/quotas/accounts.js'
import { QuotaBook } from '../../service/quotas/book.js'
import { isExact, type QuotaRow } from '../../service/quotas/rows.js'
import { bytesBelow, type Transaction } from '../../service/quotas/transaction.js'
import { type Check, type Problem, TOGETHER } from './check.js'

/** Whoever works on a file is done with its quota within this, for the most part. Milliseconds. */
const PAUSE_MS = 1000

/** Holds the quotas against those at work below them, and, where all is local, against the objects. */
export async function checkQuotas(check: Check): Promise<void> {
  const book = new QuotaBook(check.root.ledger)
  const isLocal = attachedTo(check.root) === undefined
  for (let after: string | undefined; ; ) {
    const page = book.page(after, TOGETHER)
    for (const { prefix } of page) {
      await judgeTwice(check, () => judgeReserved(book, prefix))
      if (isLocal) await judgeTwice(check, () => judgeCounted(check, book, prefix))
    }
    after = page.at(-1)?.prefix
    if (page.length < TOGETHER) break
  }
}

/** Only what is wrong twice is a finding. */
async function judgeTwice(check: Check, judge: () => Promise<Problem | undefined>): Promise<void> {
  check.throwIfAborted()
  if ((await judge()) === undefined) return
  await check.pause(PAUSE_MS)
  const problem = await judge()
  if (problem !== undefined) await check.report(problem)
}

async function judgeReserved(book: QuotaBook, prefix: string): Promise<Problem | undefined> {
  const found = await book.transact(tx => reservedIn(tx, prefix))
  if (found === undefined) return undefined
  const message = `The quota of ${prefix} has ${said(found.kept)} reserved, and those at work below it hold ${said(found.held)}.`
  const mend = (): Promise<boolean> =>
    book.transact(tx => {
      const wrong = reservedIn(tx, prefix)
      if (wrong === undefined) return false
      const { bytes: heldBytes, files: heldFiles } = wrong.held
      tx.setQuota(prefix, { ...wrong.quota, heldBytes, heldFiles })
      return true
    })
  return { code: 'QUOTA_RESERVED', message, mend }
}

/** @returns undefined if the sum is right, or there is no such quota */
function reservedIn(
  tx: Transaction,
  prefix: string,
): { quota: QuotaRow; kept: Amount; held: Amount } | undefined {
  const quota = tx.quota(prefix)
  if (quota === undefined) return undefined
  const works = [...tx.keysBetween(prefix, '', undefined).values()].flatMap(row => row.works)
  const held = heldOf(works.filter(({ prefixes }) => prefixes.includes(prefix)))
  const kept = { bytes: quota.heldBytes, files: quota.heldFiles }
  return isSame(kept, held) ? undefined : { quota, kept, held }
}

/** Only a quota that says that it is exact, and that nobody works below, is known to be wrong. */
async function judgeCounted(check: Check, book: QuotaBook, prefix: string): Promise<Problem | undefined> {
  const before = exactly(book, prefix)
  if (before === undefined) return undefined
  const there = objectsBelow(check, prefix)
  const after = exactly(book, prefix)
  if (after === undefined || !isSame(before, after) || isSame(after, there)) return undefined
  const message = `The quota of ${prefix} has counted ${said(after)}, and there are ${said(there)} below it.`
  const mend = (): Promise<boolean> =>
    book.transact(tx => {
      recount(tx, prefix, 0)
      return tx.quota(prefix) !== undefined
    })
  return { code: 'QUOTA_WRONG', message, mend }
}

function exactly(book: QuotaBook, prefix: string): Amount | undefined {
  const row = book.get(prefix)
  if (row === undefined || !isExact(row) || book.isAtWork(prefix)) return undefined
  return { bytes: row.bytes, files: row.files }
}

function objectsBelow({ root }: Check, prefix: string): Amount {
  let [bytes, files] = [0, 0]
  const { start, end } = bytesBelow(prefix)
  for (const { row } of root.ledger.range(start, end)) {
    if (row.object === undefined) continue
    bytes += row.object.identity.size
    files++
  }
  return { bytes, files }
}

function isSame(one: Amount, other: Amount): boolean {
  return one.bytes === other.bytes && one.files === other.files
}

function said({ bytes, files }: Amount): string {
  return `${files} files of ${bytes} bytes`
}
