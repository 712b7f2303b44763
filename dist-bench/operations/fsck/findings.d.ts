/**
 * How grave a finding is. `loss`: bytes that were acknowledged are gone or are others. `difference`: the ledger, the
 * files and the journal do not agree. `note`: worth knowing, and nothing wrong.
 */
export type Severity = 'loss' | 'difference' | 'note';
/** Every kind of finding. A finding may be graver or less grave than its kind, where its own message says why. */
export declare const FINDINGS: {
    readonly OBJECT_MISSING: {
        readonly severity: 'loss';
    };
    readonly OBJECT_DAMAGED: {
        readonly severity: 'loss';
    };
    readonly OBJECT_ROTTEN: {
        readonly severity: 'loss';
    };
    readonly OBJECT_EDITED: {
        readonly severity: 'difference';
    };
    readonly OBJECT_MOVED: {
        readonly severity: 'difference';
        readonly repair: 'notes the file that holds the same bytes';
    };
    readonly WORK_LEFT: {
        readonly severity: 'difference';
        readonly repair: "finishes it, as the next start does";
    };
    readonly WORK_UNLISTED: {
        readonly severity: 'difference';
        readonly repair: 'lists the row, so that its work is found';
    };
    readonly PENDING_STALE: {
        readonly severity: 'difference';
        readonly repair: 'takes the key off the list';
    };
    readonly USAGE_WRONG: {
        readonly severity: 'difference';
        readonly repair: 'corrects the sum';
    };
    readonly STAMP_AHEAD: {
        readonly severity: 'difference';
        readonly repair: 'sets the clock of the folder above it';
    };
    readonly SPOOL_MISSING: {
        readonly severity: 'loss';
    };
    readonly SPOOL_SHORT: {
        readonly severity: 'loss';
    };
    readonly SPOOL_ROTTEN: {
        readonly severity: 'loss';
    };
    readonly JOURNAL_EMPTY: {
        readonly severity: 'difference';
        readonly repair: 'removes the entry, which says nothing';
    };
    readonly JOURNAL_INVALID: {
        readonly severity: 'difference';
    };
    readonly JOURNAL_AGREED: {
        readonly severity: 'note';
    };
    readonly JOURNAL_PARKED: {
        readonly severity: 'note';
    };
    readonly JOURNAL_HELD: {
        readonly severity: 'note';
    };
    readonly CONFLICT: {
        readonly severity: 'note';
    };
    readonly CONFLICT_MISSING: {
        readonly severity: 'loss';
    };
    readonly CONFLICT_ROTTEN: {
        readonly severity: 'loss';
    };
    readonly FILE_CUT_OFF: {
        readonly severity: 'difference';
        readonly repair: 'removes the file, which nobody needs';
    };
    readonly FILE_UNNAMED: {
        readonly severity: 'difference';
        readonly repair: 'moves the file to .holdfast/lost+found';
    };
    readonly FILE_UNATTRIBUTED: {
        readonly severity: 'loss';
    };
    readonly BYTES_UNNAMED: {
        readonly severity: 'difference';
        readonly repair: 'moves the bytes to a file in .holdfast/lost+found';
    };
    readonly STAGING_LEFT: {
        readonly severity: 'difference';
        readonly repair: "finishes it, as the next start does";
    };
    readonly FILE_UNKNOWN: {
        readonly severity: 'note';
    };
    readonly FILE_DISPLACED: {
        readonly severity: 'note';
    };
    readonly NOT_ADOPTED_YET: {
        readonly severity: 'note';
    };
    readonly LOST_AND_FOUND: {
        readonly severity: 'note';
    };
    readonly ID_MISSING: {
        readonly severity: 'difference';
        readonly repair: 'writes the id that the ledger in the folder has';
    };
    readonly LEDGER_MISSING: {
        readonly severity: 'loss';
        readonly repair: "--rebuild makes a new one from the files";
    };
    readonly LEDGER_UNREADABLE: {
        readonly severity: 'loss';
        readonly repair: "--rebuild makes a new one from the files";
    };
    readonly LEDGER_FOREIGN: {
        readonly severity: 'difference';
    };
};
export type FindingCode = keyof typeof FINDINGS;
/** Something that is not as it should be, or worth knowing. */
export interface Finding {
    readonly code: FindingCode;
    readonly severity: Severity;
    /** The key that it is about. */
    readonly key?: string;
    /** The file that it is about. */
    readonly path?: string;
    /** What is known, for a person. */
    readonly message: string;
    /** What `--repair` does about it; absent where it does nothing. */
    readonly repair?: string;
    /** Whether that was done. */
    readonly repaired: boolean;
}
/** What is told of a finding where it is made. */
export interface About {
    readonly code: FindingCode;
    readonly message: string;
    readonly key?: string;
    readonly path?: string;
    /** Other than its kind's. */
    readonly severity?: Severity;
}
/** What a check came to. */
export interface FsckSummary {
    /** Whether everything was looked at: false where the ledger cannot be opened. */
    readonly complete: boolean;
    /** Objects that were looked at, and the bytes they have. */
    readonly objects: number;
    readonly bytes: number;
    /** Entries of the journal, and the bytes that are kept for them. */
    readonly entries: number;
    readonly entryBytes: number;
    /** Whose bytes were read and compared. */
    readonly hashed: number;
    /** Objects whose SHA-256 nobody knows: files that were found and not written. */
    readonly unhashed: number;
    /** Files in folders that a process is writing into at this moment: they are not judged. */
    readonly unjudged: number;
    readonly losses: number;
    readonly differences: number;
    readonly notes: number;
    readonly repaired: number;
    /** Other processes that had the folder open. */
    readonly others: number;
}
