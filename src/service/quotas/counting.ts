import type { StorePage } from '../../core/store.js'
import { recount } from './accounts.js'
import { type Count, type KeyRow, NOBODY, NONE, type QuotaRow } from './rows.js'
import type { Transaction } from './transaction.js'

/**
 * Begins a count, or goes on with one whose process has ended.
 *
 * @returns undefined where there is no such quota; `other` where somebody else counts
 */
export function beginCount(
  tx: Transaction,
  prefix: string,
  by: string,
  isDead: (process: string) => boolean,
  now: number,
): Count | 'other' | undefined {
  const quota = tx.quota(prefix)
  if (quota === undefined) return undefined
  const { count: found, recountAt } = quota
  if (found !== undefined && found.by !== by && found.by !== NOBODY && !isDead(found.by)) return 'other'
  const count = found === undefined ? { by, after: '', bytes: 0, files: 0, begunAt: now } : { ...found, by }
  // What is due later, or comes up while it is counted, is for the next count.
  const isDone = found === undefined && recountAt !== undefined && recountAt <= now
  tx.setQuota(prefix, { ...quota, count, recountAt: isDone ? undefined : recountAt })
  return count
}

/** A part of a count: the page of the listing behind the last key that is counted. */
export interface CountedPage {
  readonly prefix: string
  readonly by: string
  readonly after: string
  readonly page: Pick<StorePage, 'objects' | 'next'>
  readonly now: number
}

/**
 * Counts a page of the listing. Of a key that somebody works on, or that has changed since the count began, it counts
 * what the quotas have of it: what the listing shows may be from before or after.
 *
 * @returns the count so far; `counted` at its end; undefined where somebody else has gone on with it
 */
export function countPage(tx: Transaction, counted: CountedPage): Count | 'counted' | undefined {
  const { prefix, by, after, page, now } = counted
  const quota = tx.quota(prefix)
  const { count } = quota ?? {}
  if (quota === undefined || count === undefined || count.by !== by || count.after !== after) return undefined
  const rows = tx.keysBetween(prefix, after, page.next)
  let { bytes, files } = count
  const add = (size: number): void => {
    if (size === NONE) return
    bytes += size
    files++
  }
  // Of what the quotas know nothing of, the listing counts; what comes of a work on it may then be counted twice.
  let isDoubtful = false
  const listed = new Map<string, number>()
  for (const { key, size } of page.objects) {
    const row = rows.get(key)
    if (row === undefined) add(size)
    else listed.set(key, size)
  }
  for (const [key, row] of rows) {
    const size = listed.get(key)
    add(isSure(row) ? (row.base ?? NONE) : Math.max(size ?? NONE, row.most ?? NONE))
    const mayChange = row.works.length > 0 && (size !== undefined || row.base === undefined)
    isDoubtful ||= !isSure(row) && (row.most !== undefined || mayChange)
    const isAwaited = tx.covering(key).some(other => other !== prefix && isAhead(tx.quota(other), key))
    if (row.works.length === 0 && !isAwaited) tx.setKey(key, undefined)
  }
  const next = { ...count, after: page.next ?? after, bytes, files }
  const recountAt = isDoubtful ? 0 : quota.recountAt
  if (page.next !== undefined) {
    tx.setQuota(prefix, { ...quota, recountAt, count: next })
    return next
  }
  // What could come until the count began has come, and was counted.
  const late = quota.late?.filter(({ until }) => until > count.begunAt)
  const left = late?.length === 0 ? undefined : late
  tx.setQuota(prefix, { ...quota, bytes, files, late: left, countedAt: now, recountAt, count: undefined })
  return 'counted'
}

/** Leaves a count for others to go on with. */
export function leaveCount(tx: Transaction, prefix: string, by: string): void {
  const quota = tx.quota(prefix)
  if (quota?.count?.by === by) tx.setQuota(prefix, { ...quota, count: { ...quota.count, by: NOBODY } })
}

/** Gives a count up; what was known before it stays. */
export function dropCount(tx: Transaction, prefix: string, by: string): void {
  const quota = tx.quota(prefix)
  if (quota?.count?.by !== by) return
  tx.setQuota(prefix, { ...quota, count: undefined })
  recount(tx, prefix, 0)
}

/** Whether it is known what the quotas have counted for the key. */
function isSure({ base, isPresumed }: KeyRow): boolean {
  return base !== undefined && isPresumed === undefined
}

function isAhead(quota: QuotaRow | undefined, key: string): boolean {
  return quota?.count !== undefined && Buffer.from(key).compare(Buffer.from(quota.count.after)) > 0
}
