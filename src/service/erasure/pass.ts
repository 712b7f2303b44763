import type { Key } from '../../core/key.js'
import { compareStamps, type Stamp } from '../../core/stamp.js'
import type { ObjectStat } from '../../core/store.js'
import type { ErasedItem } from '../../storage.js'

/** What is to be erased: one key, or all that begin with a prefix. */
export interface EraseScope {
  readonly key: Key | undefined
  readonly prefix: string
}

/** The moment of a request: what was written before it goes, what comes after it stays. */
export interface Bound {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly stamp: Stamp
}

/** Told of what was removed. */
export type Told = (item: Omit<ErasedItem, 'at'>) => Promise<void>

/** Does the removal of what is under a key. */
export type Removing = <T>(key: Key, remove: () => Promise<T>) => Promise<T>

/** One attempt to erase all that is there. */
export interface Pass {
  readonly scope: EraseScope
  readonly bound: Bound
  /** Whether this is the request itself: then everything that there is was there before it. */
  readonly isFirst: boolean
  /** Whether only what lies in the storage folder is meant, and no bucket. */
  readonly isHereOnly: boolean
  readonly dryRun: boolean
  readonly told: Told
  readonly signal: AbortSignal | undefined
  /** Told of keys under which something was looked for. */
  readonly met: (key: string) => void
  /** Does a removal that may change what readers see under a key, for whoever counts that. */
  readonly removing: Removing
}

/** Erases what one backend holds. */
export interface Eraser {
  /** The bucket that it erases in too; undefined where there is none. */
  readonly target: string | undefined
  /** A moment after all that was written so far. */
  bound(): Bound
  /** Removes what there is. @returns why something is left; undefined if nothing is */
  run(pass: Pass): Promise<string | undefined>
}

export function isInScope({ key, prefix }: EraseScope, name: string): boolean {
  return key === undefined ? name.startsWith(prefix) : name === key
}

/** How far the clocks of others may be from ours. Milliseconds. */
const SKEW_MS = 5_000

/** Whether an object was written before the request: by its stamp, or by its date where others wrote it. */
export function isOlder(
  { stamp, lastModified }: Pick<ObjectStat, 'stamp' | 'lastModified'>,
  { at, stamp: bound }: Bound,
): boolean {
  return stamp === undefined ? lastModified.getTime() <= at + SKEW_MS : compareStamps(stamp, bound) <= 0
}
