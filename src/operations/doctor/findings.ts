import type { ErrorCode } from '../../core/errors.js'

/** What a finding is about, in the order in which people read them. */
export type Area =
  | 'endpoint'
  | 'access'
  | 'behaviour'
  | 'clients'
  | 'folder'
  | 'spool'
  | 'speed'
  | 'inspection'

/** What an examination found out about one point. */
export interface Finding {
  /** Names the point for programs: the same in every version. */
  readonly check: string
  readonly area: Area
  /**
   * `good`: as it should be. `notice`: it works, and somebody should know. `fault`: to be mended. `skipped`: not
   * examined, because something that it needs is at fault.
   */
  readonly state: 'good' | 'notice' | 'fault' | 'skipped'
  /** What was found, in a sentence. Never a secret. */
  readonly says: string
  /** What to do about it; of notices and faults. */
  readonly remedy?: string
  readonly code?: ErrorCode
}

/** What a check finds: a {@link Finding} without its name. */
export type Verdict = Omit<Finding, 'check' | 'area'>

export function good(says: string): Verdict {
  return { state: 'good', says }
}

export function notice(says: string, remedy: string): Verdict {
  return { state: 'notice', says, remedy }
}

export function fault(says: string, remedy: string, code?: ErrorCode): Verdict {
  return { state: 'fault', says, remedy, ...(code !== undefined && { code }) }
}

/** One point of an examination. */
export interface Check<P> {
  readonly check: string
  readonly area: Area
  /** Checks that must not have found a fault: without them this one could only repeat it. */
  readonly needs?: readonly string[]
  /**
   * Undefined where the point does not arise. A StorageError that it throws is a fault, with the remedy of its code.
   */
  examine(patient: P): Promise<Verdict | undefined>
}
