/**
 * How grave a finding is. `loss`: bytes that were acknowledged are gone or are others. `difference`: the ledger, the
 * files and the journal do not agree. `note`: worth knowing, and nothing wrong.
 */
export type Severity = 'loss' | 'difference' | 'note'

interface Kind {
  readonly severity: Severity
  /** What mends it, if anything does. */
  readonly repair?: string
}

const REBUILD = '--rebuild makes a new one from the files'
const RECOVERY = 'finishes it, as the next start does'

/** Every kind of finding. A finding may be graver or less grave than its kind, where its own message says why. */
export const FINDINGS = {
  OBJECT_MISSING: { severity: 'loss' },
  OBJECT_DAMAGED: { severity: 'loss' },
  OBJECT_ROTTEN: { severity: 'loss' },
  OBJECT_EDITED: { severity: 'difference' },
  OBJECT_MOVED: { severity: 'difference', repair: 'notes the file that holds the same bytes' },
  WORK_LEFT: { severity: 'difference', repair: RECOVERY },
  WORK_UNLISTED: { severity: 'difference', repair: 'lists the row, so that its work is found' },
  PENDING_STALE: { severity: 'difference', repair: 'takes the key off the list' },
  USAGE_WRONG: { severity: 'difference', repair: 'corrects the sum' },
  STAMP_AHEAD: { severity: 'difference', repair: 'sets the clock of the folder above it' },
  SPOOL_MISSING: { severity: 'loss' },
  SPOOL_SHORT: { severity: 'loss' },
  SPOOL_ROTTEN: { severity: 'loss' },
  JOURNAL_EMPTY: { severity: 'difference', repair: 'removes the entry, which says nothing' },
  JOURNAL_INVALID: { severity: 'difference' },
  JOURNAL_AGREED: { severity: 'note' },
  JOURNAL_PARKED: { severity: 'note' },
  JOURNAL_HELD: { severity: 'note' },
  CONFLICT: { severity: 'note' },
  CONFLICT_MISSING: { severity: 'loss' },
  CONFLICT_ROTTEN: { severity: 'loss' },
  QUARANTINE_MISSING: { severity: 'loss' },
  QUARANTINE_ROTTEN: { severity: 'loss' },
  QUARANTINE_GOING: {
    severity: 'difference',
    repair: 'removes the file, as the next process that inspects does',
  },
  QUARANTINE_SUM: { severity: 'difference', repair: 'corrects the sum' },
  EXPIRY_UNLISTED: { severity: 'difference', repair: 'lists it by its time, so that it is removed then' },
  EXPIRY_STALE: { severity: 'difference', repair: 'takes the time off the list' },
  QUOTA_RESERVED: { severity: 'difference', repair: 'corrects the sum' },
  QUOTA_WRONG: { severity: 'difference', repair: 'has it counted again by who uses the folder next' },
  FILE_CUT_OFF: { severity: 'difference', repair: 'removes the file, which nobody needs' },
  FILE_UNNAMED: { severity: 'difference', repair: 'moves the file to .holdfast/lost+found' },
  FILE_UNATTRIBUTED: { severity: 'loss' },
  BYTES_UNNAMED: { severity: 'difference', repair: 'moves the bytes to a file in .holdfast/lost+found' },
  STAGING_LEFT: { severity: 'difference', repair: RECOVERY },
  FILE_UNKNOWN: { severity: 'note' },
  FILE_DISPLACED: { severity: 'note' },
  NOT_ADOPTED_YET: { severity: 'note' },
  LOST_AND_FOUND: { severity: 'note' },
  ID_MISSING: { severity: 'difference', repair: 'writes the id that the ledger in the folder has' },
  LEDGER_MISSING: { severity: 'loss', repair: REBUILD },
  LEDGER_UNREADABLE: { severity: 'loss', repair: REBUILD },
  LEDGER_FOREIGN: { severity: 'difference' },
} as const satisfies Readonly<Record<string, Kind>>

export type FindingCode = keyof typeof FINDINGS

/** Something that is not as it should be, or worth knowing. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  /** The key that it is about. */
  readonly key?: string
  /** The file that it is about. */
  readonly path?: string
  /** What is known, for a person. */
  readonly message: string
  /** What `--repair` does about it; absent where it does nothing. */
  readonly repair?: string
  /** Whether that was done. */
  readonly repaired: boolean
}

/** What is told of a finding where it is made. */
export interface About {
  readonly code: FindingCode
  readonly message: string
  readonly key?: string
  readonly path?: string
  /** Other than its kind's. */
  readonly severity?: Severity
}

/** What a check came to. */
export interface FsckSummary {
  /** Whether everything was looked at: false where the ledger cannot be opened. */
  readonly complete: boolean
  /** Objects that were looked at, and the bytes they have. */
  readonly objects: number
  readonly bytes: number
  /** Entries of the journal, and the bytes that are kept for them. */
  readonly entries: number
  readonly entryBytes: number
  /** Whose bytes were read and compared. */
  readonly hashed: number
  /** Objects whose SHA-256 nobody knows: files that were found and not written. */
  readonly unhashed: number
  /** Files in folders that a process is writing into at this moment: they are not judged. */
  readonly unjudged: number
  readonly losses: number
  readonly differences: number
  readonly notes: number
  readonly repaired: number
  /** Other processes that had the folder open. */
  readonly others: number
}
