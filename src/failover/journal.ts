import type { Attributes } from '../core/attributes.js'
import type { Key } from '../core/key.js'
import type { Stamp } from '../core/stamp.js'
import type { Condition, ObjectStat } from '../core/store.js'

/** Acknowledged bytes: where they lie, and what they carry. */
export interface JournaledPut {
  readonly kind: 'put'
  readonly writeId: string
  readonly stamp: Stamp
  /** When it was acknowledged: milliseconds since the epoch, by the primary's clock as far as it is known. */
  readonly at: number
  /** What holds the bytes, as the spool names it: a file, or the journal itself. */
  readonly file: string
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
  readonly attributes: Attributes
  readonly condition?: Undecided | undefined
  /** Its tags were set when its bytes may have been sent already: the primary is given them by themselves. */
  readonly retagged?: true | undefined
}

/** An acknowledged delete. */
export interface Tombstone {
  readonly kind: 'delete'
  readonly writeId: string
  readonly stamp: Stamp
  readonly at: number
  readonly condition?: Undecided | undefined
}

/**
 * What a caller agreed to find out later: a condition on what the primary holds, which the replay decides. A state
 * that an undecided one has decided for (as a replacement of just that) rests on the same.
 */
export interface Undecided extends Condition {
  /** The first of the states that rest on it; absent in that state itself. */
  readonly first?: { readonly writeId: string; readonly stamp: Stamp } | undefined
}

export type JournaledState = JournaledPut | Tombstone

/** Attempts at the primary that may have been applied, or may yet be. All that is known of them, merged. */
export interface UnknownAttempts {
  /** The latest signing time: the primary takes no such request much later than that (SigV4: 15 minutes). */
  readonly signedAt: number
  /** The write id of the puts among them; {@link SEVERAL} if they have not all the same. */
  readonly put?: string | undefined
  /** Whether there is a delete among them. */
  readonly deletes: boolean
}

/** Stands for the write ids of attempts that differ, or that nobody knows. */
export const SEVERAL = '*'

/** Why an entry waits for a person. */
export interface Parked {
  readonly code: string
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * What the journal holds of one key. With a `state` the key is *busy*: that state is acknowledged, and the
 * primary has not been seen to hold it, or a late attempt could still undo it. Without one it is *wary*. A
 * key without a row is *quiet*.
 */
export interface RowContent {
  /** The endpoint and bucket that it is meant for. */
  readonly target: string
  readonly state?: JournaledState | undefined
  readonly unknown?: UnknownAttempts | undefined
  /** When the primary was seen to hold the state, if only late attempts are still to be waited for. */
  readonly agreedAt?: number | undefined
  /** The key was written or deleted for another bucket since: the state is for its own bucket alone, and not read elsewhere. */
  readonly superseded?: true | undefined
  readonly parked?: Parked | undefined
}

export interface JournalRow extends RowContent {
  readonly key: Key
  /** Names this version of the row: no other row of this key, before or after, has it. */
  readonly revision: number
}

/** A write that lost against somebody else's; its bytes are kept until a person has decided. */
export interface Conflict {
  readonly id: string
  readonly key: Key
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Who lost: this host's own write, or the object that was found at the primary. */
  readonly loser: 'ours' | 'theirs'
  /** The file that keeps the loser's bytes, as the spool names it. */
  readonly file: string
  readonly size: number
  readonly sha256?: string | undefined
  readonly attributes: Attributes
}

/** What else happens in the commit of a row. */
export interface CommitOptions {
  /** The epoch that must still be the replicator's; callers' own rows are not bound to it. */
  readonly epoch?: number | undefined
  /** Kept in the same commit. */
  readonly conflict?: Conflict | undefined
  /** Bytes that the row names and that are made durable with it. They go in the commit of the row that names them no more. */
  readonly content?: HeldContent | undefined
  /** The version that the folder's own object under the key must still have: of a row made from that object. */
  readonly localVersion?: number | undefined
  /** Other rows that change in the same commit, each on the condition that it is as it was seen. */
  readonly also?: readonly RowChange[] | undefined
}

/** One row's change: what was seen (undefined: none), and what takes its place (undefined: nothing). */
export interface RowChange {
  readonly key: Key
  readonly seen: JournalRow | undefined
  readonly next: RowContent | undefined
}

/** Content small enough to be committed with its row. */
export interface HeldContent {
  /** As {@link JournaledPut.file} names it. */
  readonly file: string
  readonly content: Buffer
}

/** What the names of content begin with that lies in the journal itself; no file's name has a colon. */
export const HELD = 'journal:'

export interface ScanOptions {
  /** The start of the keys; all unless given. */
  readonly prefix?: string | undefined
  /** Only keys after this one. */
  readonly after?: string | undefined
  readonly limit: number
}

/** The process that replicates, as the journal names it. */
export interface Owner {
  readonly epoch: number
  /** The owner's process id; empty once it has given the journal up. */
  readonly holder: string
  /** Changes as long as the owner lives. */
  readonly beat: number
}

/**
 * The durable list of what the primary has not been seen to hold: one row a key. Every read sees the newest
 * commit of any process; every change is conditional on the row that it was decided on.
 */
export interface Journal {
  get(key: Key): JournalRow | undefined
  /** Rows in the order of the keys' UTF-8 bytes. */
  scan(options: ScanOptions): JournalRow[]
  /** How many rows there are. */
  size(): number
  /**
   * Replaces the row that was seen (undefined: none); `next` undefined removes it. Durable when it resolves.
   *
   * @returns false if the row is another by now, or the epoch has passed: nothing was changed then
   */
  commit(
    key: Key,
    seen: JournalRow | undefined,
    next: RowContent | undefined,
    options?: CommitOptions,
  ): Promise<boolean>

  owner(): Owner | undefined
  /** Takes the journal over from the owner that was seen. @returns the new epoch; undefined if another was faster */
  claim(seen: Owner | undefined, holder: string): Promise<number | undefined>
  /** Says that the owner of the epoch lives. @returns false if the epoch has passed */
  beat(epoch: number): Promise<boolean>
  /** Gives the journal up, with nothing on its way. */
  release(epoch: number): Promise<void>

  /** Processes that may have a request on its way to the primary. */
  processes(): string[]
  enter(process: string): Promise<void>
  leave(process: string): Promise<void>
  /** The latest signing time of attempts that nobody knows, of processes that died; 0 if there are none. */
  suspectedAt(): number
  suspect(signedAt: number): Promise<void>

  conflicts(): Conflict[]
  /** How many there are, without reading them. */
  conflictCount(): number
  addConflict(conflict: Conflict): Promise<void>
  removeConflict(id: string): Promise<void>
}

/** What held bytes for the rows of a commit, and holds them for none of them after it. */
export function droppedFiles(
  seen: RowContent | undefined,
  next: RowContent | undefined,
  also?: readonly RowChange[],
): string[] {
  // What nearly every commit is, kept short.
  if (also === undefined) {
    const file = fileOf(seen)
    return file === undefined || file === fileOf(next) ? [] : [file]
  }
  const before = [seen, ...also.map(change => change.seen)].map(fileOf)
  const after = [next, ...also.map(change => change.next)].map(fileOf)
  return before.filter(file => file !== undefined && !after.includes(file)) as string[]
}

function fileOf(row: RowContent | undefined): string | undefined {
  return row?.state?.kind === 'put' ? row.state.file : undefined
}

/** The row without what names its version. */
export function contentOf(row: JournalRow): RowContent {
  const { key, revision, ...content } = row
  return content
}

/** Every row of the journal, each page of them as of its own moment. */
export function* rowsOf(journal: Journal, limit = 256): Generator<JournalRow, void, void> {
  let after: string | undefined
  for (;;) {
    const rows = journal.scan({ after, limit })
    yield* rows
    after = rows.at(-1)?.key
    if (rows.length < limit) return
  }
}

/** What both lists of attempts say together. */
export function mergeUnknown(
  a: UnknownAttempts | undefined,
  b: UnknownAttempts | undefined,
): UnknownAttempts | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const put = a.put === undefined || b.put === undefined || a.put === b.put ? (a.put ?? b.put) : SEVERAL
  return { signedAt: Math.max(a.signedAt, b.signedAt), put, deletes: a.deletes || b.deletes }
}

/** Attempts of which nothing but their latest signing time is known. */
export function anyAttempts(signedAt: number): UnknownAttempts {
  return { signedAt, put: SEVERAL, deletes: true }
}

/** Whether one of the attempts, if it comes late, would undo the state: a late copy of the state itself does not. */
export function endangers(unknown: UnknownAttempts | undefined, state: JournaledState): boolean {
  if (unknown === undefined) return false
  if (state.kind === 'delete') return unknown.put !== undefined
  // A late copy of the state would have its first tags.
  return (
    unknown.deletes ||
    (unknown.put !== undefined && (unknown.put !== state.writeId || state.retagged === true))
  )
}

/** What a state rests on that the state in the row has decided for: on what that rests on, until it is decided. */
export function inherited(row: RowContent | undefined): Undecided | undefined {
  const state = row?.state
  if (state?.condition === undefined || row?.agreedAt !== undefined) return undefined
  const { writeId, stamp } = state
  return { first: { writeId, stamp }, ...state.condition }
}

/** The state once the primary was seen to hold it: what it rested on is decided. */
export function decided<S extends JournaledState>(state: S): S {
  if (state.condition === undefined) return state
  const { condition, ...rest } = state
  return rest as S
}

/** The acknowledged object as readers see it. Its ETag is the write id, which stays when the primary holds it. */
export function statOfState(key: Key, state: JournaledPut, path?: string): ObjectStat {
  return {
    ...state.attributes,
    key,
    size: state.size,
    etag: state.writeId,
    lastModified: new Date(state.at),
    sha256: state.sha256,
    writeId: state.writeId,
    stamp: state.stamp,
    pending: true,
    ...(path !== undefined && { path }),
  }
}
