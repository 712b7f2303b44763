import { setImmediate as nextTurn } from 'node:timers/promises'
import { StorageError } from '../core/errors.js'
import type { Key } from '../core/key.js'
import type { Logger } from '../core/logger.js'
import type { SpillFile } from '../core/spill-file.js'
import type { StampClock } from '../core/stamp.js'
import type { ObjectStat, Store } from '../core/store.js'
import { isInDoubt } from '../stores/local/commit-error.js'
import { isAside, settingAside } from './aside.js'
import type { Availability } from './availability.js'
import type { Chronicle } from './chronicle.js'
import {
  anyAttempts,
  type CommitOptions,
  contentOf,
  droppedFiles,
  type Journal,
  type JournaledState,
  type JournalRow,
  mergeUnknown,
  type RowContent,
  type UnknownAttempts,
} from './journal.js'
import type { Primary } from './primary.js'
import type { ReadCache } from './read-cache.js'
import type { SpoolBytes } from './spool-bytes.js'
import type { Totals } from './totals.js'

export interface FailoverSettings {
  /** From content in hand to an answer, for content of one part; then the local disk takes over. Milliseconds. */
  readonly firstAnswerMs: number
  /** How long after its signing a request may still be taken by the primary. Milliseconds. */
  readonly settleWindowMs: number
  /** How long the primary must have been answering before a settlement is checked. Milliseconds. */
  readonly settleQuietMs: number
  /** Every put takes the local disk first. */
  readonly writeBehind: boolean
}

/** Local objects that were there before the primary was, each until its key is written or deleted. */
export interface Legacy {
  readonly store: Store
  /** Whether there is a copy under the key; asks nothing but memory or the ledger. */
  holds(key: Key): boolean
}

/** What the parts of failover share. */
export interface Context {
  readonly primary: Primary
  readonly journal: Journal
  readonly bytes: SpoolBytes
  readonly totals: Totals
  readonly availability: Availability
  /** Told of what happens. */
  readonly chronicle: Chronicle
  readonly clock: Pick<StampClock, 'next'>
  readonly settings: FailoverSettings
  readonly logger: Logger
  /** Objects of the time before the primary: read where the primary has none. */
  readonly legacy?: Legacy | undefined
  /** Copies of what the primary holds. */
  readonly cache?: ReadCache | undefined
  readonly openSpill: () => Promise<SpillFile>
  /** Attaches the folder to the primary, before the first mutation; undefined once it is. */
  readonly attach: () => Promise<void> | undefined
  /** Gives up disk space that is held for removals on a full disk. @returns whether there was any */
  readonly relieve?: (() => Promise<boolean>) | undefined
  /** Tells the replicator that a key has work. */
  readonly wake: (key: Key) => void
}

/** Requests of dead processes that may still land, as far as they could touch any key; undefined once none can. */
export function suspicion(context: Context): UnknownAttempts | undefined {
  const signedAt = context.journal.suspectedAt()
  if (signedAt === 0) return undefined
  return context.primary.now() < signedAt + context.settings.settleWindowMs
    ? anyAttempts(signedAt)
    : undefined
}

/** Whether the row is one that speaks for the key: held entries of another bucket do not. */
export function isOurs(context: Context, row: JournalRow | undefined): row is JournalRow {
  return row !== undefined && row.target === context.primary.target && !isAside(row.key)
}

/** What is known of attempts at the primary; those at another bucket do nothing to this one. */
export function unknownOf(context: Context, row: JournalRow | undefined): UnknownAttempts | undefined {
  return isOurs(context, row) ? row.unknown : undefined
}

/** The row's acknowledged state, if the key is busy. */
export function busyState(context: Context, row: JournalRow | undefined): JournaledState | undefined {
  return isOurs(context, row) ? row.state : undefined
}

/**
 * Commits a row, keeps count, and removes the bytes that no row names any more. What the row held for another
 * bucket is set aside for that. A key that has no row of ours after it has no copy in the read cache before: the
 * primary may hold something else by now.
 *
 * @returns false if the row was another by now
 */
export async function commit(
  context: Context,
  key: Key,
  seen: JournalRow | undefined,
  next: RowContent | undefined,
  options: CommitOptions = {},
): Promise<boolean> {
  const held = seen !== undefined && next !== undefined && seen.target !== next.target
  const given = held
    ? { ...options, also: [...(options.also ?? []), settingAside(context.journal, seen)] }
    : options
  if (next?.target !== context.primary.target) await context.cache?.forget(key)
  let isDrained = false
  const counted = context.totals.changing()
  try {
    if (!(await commitRow(context, key, seen, next, given))) return false
    isDrained = context.totals.changed(seen, next)
    for (const change of given.also ?? []) context.totals.changed(change.seen, change.next)
  } finally {
    counted()
  }
  // What comes back from aside was told of when it was acknowledged.
  if (options.also === undefined) context.chronicle.committed(key, seen, next, options)
  if (isDrained) context.totals.drained()
  for (const file of droppedFiles(seen, next, given.also)) {
    if (options.conflict?.file !== file) await context.bytes.remove(file).catch(() => {})
  }
  return true
}

/** Whether the local disk has no room, or fails, so that nothing was acknowledged here, and nothing of it can turn up later. */
export function isDiskFailure(error: unknown): boolean {
  if (!StorageError.is(error) || error.store !== 'local' || isInDoubt(error)) return false
  return error.code === 'NO_SPACE' || error.code === 'UNAVAILABLE' || error.code === 'PERMISSION_DENIED'
}

/** Commits what frees space, now or later: on a full disk, with the space that is held for that. */
export async function withRelief<T>(context: Context, commit: () => Promise<T>): Promise<T> {
  try {
    return await commit()
  } catch (error) {
    if (!StorageError.is(error, 'NO_SPACE') || context.relieve === undefined) throw error
    // Tried again also where it was given up already: many fail at once.
    await context.relieve()
    return commit()
  }
}

async function commitRow(
  context: Context,
  key: Key,
  seen: JournalRow | undefined,
  next: RowContent | undefined,
  options: CommitOptions,
): Promise<boolean> {
  const run = async (): Promise<boolean> => {
    const attaching = context.attach()
    if (attaching !== undefined) await attaching
    return context.journal.commit(key, seen, next, options)
  }
  const frees = next?.state?.kind !== 'put' || seen?.state?.writeId === next.state.writeId
  return frees ? withRelief(context, run) : run()
}

/** What a local file from before the primary is, which is read where the primary has nothing; undefined if there is none. */
export async function legacyStat({ legacy }: Context, key: Key): Promise<ObjectStat | undefined> {
  if (legacy?.holds(key) !== true) return undefined
  return legacy.store.head(key).catch((error: unknown) => {
    if (StorageError.is(error, 'NOT_FOUND')) return undefined
    throw error
  })
}

/**
 * Removes the local copy from before the primary, once something newer was acknowledged: it never serves again.
 *
 * @param agreed what the primary holds: a copy of that very write is none of an older one, and stays
 */
export async function dropLegacy(context: Context, key: Key, agreed?: JournaledState): Promise<void> {
  const { legacy } = context
  if (legacy?.holds(key) !== true) return
  if (agreed?.kind === 'put' && (await legacyStat(context, key))?.writeId === agreed.writeId) return
  await legacy.store.delete(key)
}

/** Notes attempts whose outcome is not known, whatever the row is by now. */
export async function noteUnknown(context: Context, key: Key, attempts: UnknownAttempts): Promise<void> {
  await change(context, key, row => {
    if (!isOurs(context, row)) return { target: context.primary.target, unknown: attempts }
    return { ...contentOf(row), unknown: mergeUnknown(row.unknown, attempts) }
  })
  context.wake(key)
}

/**
 * Called when a write of ours to a quiet key was applied. If the key has become busy meanwhile, the write counts
 * as older than what was acknowledged there, and whoever is about to find the primary in agreement must look
 * again: the row gets a new revision.
 */
export async function settleOvertaken(context: Context, key: Key): Promise<void> {
  const row = context.journal.get(key)
  if (busyState(context, row) === undefined) return
  await change(context, key, now => (busyState(context, now) === undefined ? 'keep' : withoutAgreement(now)))
  context.wake(key)
}

function withoutAgreement(row: JournalRow | undefined): RowContent {
  const { agreedAt, ...content } = contentOf(row as JournalRow)
  return content
}

/** Changes a row by what it is at that moment. */
async function change(
  context: Context,
  key: Key,
  next: (row: JournalRow | undefined) => RowContent | 'keep',
): Promise<void> {
  for (;;) {
    const row = context.journal.get(key)
    const content = next(row)
    if (content === 'keep' || (await commit(context, key, row, content))) return
    await nextTurn()
  }
}

/**
 * A stat of the primary as users see it: its ETag is the write id, where it has one. The stat is changed in place;
 * it was made for this one answer.
 */
export function seenStat(stat: ObjectStat): ObjectStat {
  if (stat.writeId !== undefined) (stat as { etag: string }).etag = stat.writeId
  return stat
}
