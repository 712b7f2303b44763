/** Bytes of an object, or {@link NONE}; undefined where that is not known. */
export type Size = number | undefined

/** The size of an object that is not there. */
export const NONE = -1

/** Who counts where somebody has left off. */
export const NOBODY = ''

/** What a quota allows; without limits it only counts, as it does until it was counted for the first time. */
export interface Limits {
  readonly maxBytes?: number | undefined
  readonly maxFiles?: number | undefined
}

/** A count by listing that is under way. */
export interface Count {
  /** Who counts; {@link NOBODY} where it waits for somebody. */
  readonly by: string
  /** The last key that is counted; `''` before the first. */
  readonly after: string
  /** What was counted up to there, and what has changed there since. */
  readonly bytes: number
  readonly files: number
  /** When it began (epoch milliseconds). */
  readonly begunAt: number
}

/** What requests may still bring that nobody has an answer to. */
export interface Late {
  /** Until when (epoch milliseconds); what has come by then is found by a count that begins after that. */
  readonly until: number
  readonly bytes: number
  readonly files: number
}

/** A quota: the ledger's row under its prefix. */
export interface QuotaRow extends Limits {
  /** What is there, as far as it was counted and changed since. */
  readonly bytes: number
  readonly files: number
  /** What those who work on files may add to that. */
  readonly heldBytes: number
  readonly heldFiles: number
  /** What is held beside that for what may still come, the earliest end first; absent where nothing may. */
  readonly late?: readonly Late[] | undefined
  /** When it was last counted to the end (epoch milliseconds); absent until it was for the first time. */
  readonly countedAt?: number | undefined
  /** When it is to be counted again, as it may have missed something. Until then it is rather too high than too low. */
  readonly recountAt?: number | undefined
  readonly count?: Count | undefined
}

/** Whether a quota is what was counted, and nothing has come since of which it is not known. */
export function isExact({ countedAt, recountAt, late, count }: QuotaRow): boolean {
  return countedAt !== undefined && recountAt === undefined && late === undefined && count === undefined
}

/** Somebody at work on a key: between the reservation and the end. */
export interface Work {
  readonly id: string
  /** Names the process, whose death ends the work. */
  readonly process: string
  /** What it holds of these quotas. */
  readonly bytes: number
  readonly files: number
  readonly prefixes: readonly string[]
  /** Whether it can bring nothing. */
  readonly isRemoval?: true | undefined
  /** Ended, while others were at work on the key: what came of it is known when they end. */
  readonly isDone?: true | undefined
  /** Ended without an answer: until then (epoch milliseconds) it may still take effect. */
  readonly lateUntil?: number | undefined
}

/** The ledger's row of a key that somebody works on, or that changed while a count was on its way to it. */
export interface KeyRow {
  /** What the quotas have counted for the key. */
  readonly base: Size
  /** Nobody looked: there is no object, or the work will be refused. */
  readonly isPresumed?: true | undefined
  /** What it has at most, where the store could not be asked what came of the last work. */
  readonly most?: number | undefined
  readonly works: readonly Work[]
}
