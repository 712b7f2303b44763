import { StorageError } from '../../core/errors.js'
import { compareUtf8 } from '../../core/key.js'
import { type KeyRow, type Late, NONE, type QuotaRow, type Size, type Work } from './rows.js'
import type { Transaction } from './transaction.js'

/** Somebody about to work on a key. */
export interface Beginning {
  readonly op: string
  readonly key: string
  readonly id: string
  readonly process: string
  /** What the key will have: as far as it is known, 0 where it is not; {@link NONE} for a removal. */
  readonly size: number
  /** What it has, as it was seen after `mark` was taken. */
  readonly base: Size
  /** Nobody looked, as the work will be refused where there is an object. */
  readonly isPresumed: boolean
  readonly mark: number
}

/**
 * How a beginning ends: `free` where no quota holds for the key; `again` where the key changed since it was looked at.
 */
export type Begun =
  | { readonly how: 'begun'; readonly base: Size }
  | { readonly how: 'free' }
  | { readonly how: 'again' }

/** Reserves what a work may add. @throws StorageError `QUOTA_EXCEEDED` */
export function begin(tx: Transaction, work: Beginning): Begun {
  const { op, key, id, process, size } = work
  const prefixes = tx.covering(key)
  if (prefixes.length === 0) return { how: 'free' }
  const row = tx.key(key)
  // Who works on the key, and who has changed it while it was counted, have left word of it.
  const isOpen = row === undefined || (row.works.length === 0 && row.base === undefined)
  // What was seen is what the quotas have counted only if nobody has settled anything in between.
  if (isOpen && !work.isPresumed && tx.settledMark(key) !== work.mark) return { how: 'again' }
  const base = isOpen ? work.base : row.isPresumed ? undefined : row.base
  const held = { bytes: growth(base, size), files: filesAdded(base, size) }
  for (const prefix of prefixes) checkLimits(tx.quota(prefix), { op, key, prefix, ...held })
  const isUnknown = base === undefined
  for (const prefix of prefixes) {
    hold(tx, prefix, held)
    if (isUnknown) recount(tx, prefix, 0)
  }
  tx.setKey(key, {
    base,
    isPresumed: isOpen && work.isPresumed ? true : undefined,
    works: [
      ...(row?.works ?? []),
      { id, process, ...held, prefixes, isRemoval: size === NONE ? true : undefined },
    ],
  })
  return { how: 'begun', base }
}

/** Reserves more for a work under way. @throws StorageError `QUOTA_EXCEEDED` */
export function extend(tx: Transaction, op: string, key: string, id: string, bytes: number): void {
  const row = tx.key(key)
  const own = row?.works.find(work => work.id === id)
  // Taken for dead by another process: what comes of it is counted at its end.
  if (row === undefined || own === undefined) return
  for (const prefix of own.prefixes) checkLimits(tx.quota(prefix), { op, key, prefix, bytes, files: 0 })
  for (const prefix of own.prefixes) hold(tx, prefix, { bytes, files: 0 })
  const works = row.works.map(work => (work === own ? { ...own, bytes: own.bytes + bytes } : work))
  tx.setKey(key, { ...row, works })
}

/** What has become of a key. */
export interface Ending {
  readonly key: string
  readonly id: string
  /**
   * What the key has now by this work's doing; `unchanged` where it did nothing, `unseen` where the store knows, `unsure`
   * where nobody does.
   */
  readonly outcome: number | 'unchanged' | 'unseen' | 'unsure'
  /** What the key was then seen to have, when so many works were known of it. */
  readonly looked?: { readonly size: Size; readonly works: number } | undefined
  /** A late effect may come until then (epoch milliseconds); absent where none can. */
  readonly lateUntil?: number | undefined
}

/**
 * Gives back what a work held, and counts what came of it. Where several worked on the key at once, the last to end
 * counts for all.
 *
 * @returns how many works the key had, where it must be looked at first: {@link Ending.looked}
 */
export function settle(tx: Transaction, ending: Ending): number | undefined {
  const { key, id, outcome, looked } = ending
  const row = tx.key(key)
  const own = row?.works.find(work => work.id === id)
  const lateUntil = outcome === 'unsure' ? ending.lateUntil : undefined
  const prefixes = tx.covering(key)
  if (row === undefined || own === undefined) {
    if (outcome !== 'unchanged') for (const prefix of prefixes) recount(tx, prefix, 0)
    return undefined
  }
  if (row.works.some(work => work !== own && work.isDone === undefined)) {
    const works = row.works.map(work => (work === own ? { ...own, isDone: true as const, lateUntil } : work))
    tx.setKey(key, { ...row, works })
    for (const prefix of prefixes) hold(tx, prefix, { bytes: 0, files: 0 })
    return undefined
  }
  const isAlone = row.works.length === 1
  const isKnown = isAlone && outcome !== 'unsure' && outcome !== 'unseen'
  if (!isKnown && looked?.works !== row.works.length) return row.works.length
  const base = row.isPresumed && !isKnown ? undefined : row.base
  const found = !isKnown ? looked?.size : outcome === 'unchanged' ? base : outcome
  const ended = row.works.map(work => (work === own ? { ...own, lateUntil } : work))
  const late = lateOf(ended, base, found)
  // Without an answer as much as all may have brought; of those that may still bring it, that is what is held for them.
  const added =
    found === undefined && !isKnown
      ? heldOf(ended.filter(work => work.lateUntil === undefined))
      : { bytes: Math.max(0, found ?? 0) - Math.max(0, base ?? 0), files: fileOf(found) - fileOf(base) }
  let isAhead = false
  for (const prefix of prefixes) {
    const quota = tx.quota(prefix) as QuotaRow
    const isCounted = quota.count === undefined || compareUtf8(key, quota.count.after) <= 0
    isAhead ||= !isCounted
    const held = heldOf(row.works.filter(work => work.prefixes.includes(prefix)))
    tx.setQuota(prefix, {
      ...plus(quota, added),
      heldBytes: Math.max(0, quota.heldBytes - held.bytes),
      heldFiles: Math.max(0, quota.heldFiles - held.files),
      late: late === undefined ? quota.late : withLate(quota.late, late),
      count: quota.count !== undefined && isCounted ? plus(quota.count, added) : quota.count,
    })
    if (found === undefined || base === undefined) recount(tx, prefix, 0)
  }
  // What is there when a presumption fails is what nobody has looked at.
  const isOpen = row.isPresumed === true && outcome === 'unchanged'
  const most = found === undefined && !isKnown ? Math.max(0, base ?? 0) + added.bytes : undefined
  const left: KeyRow = { base: isOpen ? undefined : found, most, works: [] }
  tx.setKey(key, isAhead ? left : undefined)
  tx.settle(key)
  return undefined
}

/** Has a quota counted again, at the given time or before. */
export function recount(tx: Transaction, prefix: string, at: number): void {
  const quota = tx.quota(prefix)
  if (quota === undefined) return
  tx.setQuota(prefix, { ...quota, recountAt: Math.min(at, quota.recountAt ?? at) })
}

/** What works without an answer may still bring to a key, which has `found`; undefined where all were answered. */
function lateOf(works: readonly Work[], base: Size, found: Size): Late | undefined {
  let [until, largest, files] = [0, 0, 0]
  for (const work of works) {
    if (work.lateUntil === undefined) continue
    until = Math.max(until, work.lateUntil)
    if (work.isRemoval) continue
    largest = Math.max(largest, Math.max(0, base ?? 0) + work.bytes)
    // Whatever is written brings a file back that is not there.
    files = Math.max(files, found === NONE ? 1 : found === undefined ? work.files : 0)
  }
  if (until === 0) return undefined
  return { until, bytes: Math.max(0, largest - Math.max(0, found ?? base ?? 0)), files }
}

function withLate(all: readonly Late[] = [], late: Late): Late[] {
  const same = all.find(({ until }) => until === late.until)
  const others = all.filter(one => one !== same)
  return [...others, same === undefined ? late : plus(same, late)].sort((a, b) => a.until - b.until)
}

/** What a quota holds back: for those at work, and for what may still come of works without an answer. */
export function heldBy({ heldBytes, heldFiles, late }: QuotaRow): Amount {
  return plus({ bytes: heldBytes, files: heldFiles }, heldOf(late ?? []))
}

/** Bytes that a work adds at most. */
export function growth(base: Size, size: number): number {
  return Math.max(0, size - Math.max(0, base ?? 0))
}

function filesAdded(base: Size, size: number): number {
  return size !== NONE && (base === undefined || base === NONE) ? 1 : 0
}

function fileOf(size: Size): number {
  return size === undefined || size === NONE ? 0 : 1
}

export interface Amount {
  readonly bytes: number
  readonly files: number
}

/** What works hold together. */
export function heldOf(works: readonly Amount[]): Amount {
  let [bytes, files] = [0, 0]
  for (const work of works) {
    bytes += work.bytes
    files += work.files
  }
  return { bytes, files }
}

function plus<T extends Amount>(counted: T, { bytes, files }: Amount): T {
  return {
    ...counted,
    bytes: Math.max(0, counted.bytes + bytes),
    files: Math.max(0, counted.files + files),
  }
}

function hold(tx: Transaction, prefix: string, { bytes, files }: Amount): void {
  const quota = tx.quota(prefix)
  if (quota === undefined) return
  tx.setQuota(prefix, {
    ...quota,
    heldBytes: quota.heldBytes + bytes,
    heldFiles: quota.heldFiles + files,
  })
}

interface Demand extends Amount {
  readonly op: string
  readonly key: string
  readonly prefix: string
}

function checkLimits(quota: QuotaRow | undefined, demand: Demand): void {
  if (quota === undefined) return
  const { op, key, prefix, bytes, files } = demand
  const { maxBytes, maxFiles } = quota
  const refuse = (what: string, has: number, more: number, max: number): never => {
    const message = `The quota of ${prefix} is ${max} ${what}: ${has} are used or reserved, and ${key} takes ${more} more.`
    throw new StorageError({ code: 'QUOTA_EXCEEDED', op, key, message })
  }
  const held = heldBy(quota)
  const usedBytes = quota.bytes + held.bytes
  if (maxBytes !== undefined && bytes > 0 && usedBytes + bytes > maxBytes) {
    refuse('bytes', usedBytes, bytes, maxBytes)
  }
  const usedFiles = quota.files + held.files
  if (maxFiles !== undefined && files > 0 && usedFiles + files > maxFiles) {
    refuse('files', usedFiles, files, maxFiles)
  }
}
