import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Database, RootDatabase, Transaction } from 'lmdb'
import { StorageError, shown } from '../../core/errors.js'
import { RESERVED_PREFIX } from '../../core/key.js'
import { commitErrorOf, systemErrorOf } from './commit-error.js'
import { freeBytesAt } from './free-space.js'
import { failure, storageError } from './io-error.js'
import { scrubLedger } from './ledger-scrub.js'
import { packRow, type Row, unpackRow } from './row.js'

/** A row with the version that a conditional write names. */
export interface VersionedRow {
  readonly row: Row
  readonly version: number
}

/** What objects take: how many there are and how many bytes they have. */
export interface Usage {
  readonly count: number
  readonly bytes: number
}

export interface RowWrite {
  readonly key: string
  /** The version that the row must still have; undefined if there must be none. */
  readonly expected: number | undefined
  /** The row to write; undefined removes it. */
  readonly row: Row | undefined
  /** What the write adds to the usage. */
  readonly usage?: Usage | undefined
  /** Bytes of a write, to be made durable with the row. */
  readonly bytes?: { readonly writeId: string; readonly content: Buffer } | undefined
  /** Writes whose bytes are no longer needed. */
  readonly forget?: readonly string[] | undefined
}

/** The ledger as it was at one moment, for reading much of it. Given back soon: meanwhile its pages are not used again. */
export interface LedgerSnapshot {
  readonly transaction: unknown
  done(): void
}

/** What {@link Ledger.inspect} has read, all at one moment. */
export interface LedgerInspection {
  /** Of the folder that the ledger belongs to; undefined if it was never given any. */
  readonly id: string | undefined
  /** What the rows come to. */
  readonly counted: Usage
  /** What {@link Ledger.usage} said at that moment. */
  readonly kept: Usage
  /** Names the corrections of the sum until then: what {@link Ledger.correctUsage} is conditional on. */
  readonly corrected: number | undefined
}

/** An upload in parts that was begun at an object store and not yet seen to end. */
export interface UploadEntry {
  readonly uploadId: string
  readonly key: string
  readonly bucket: string
  readonly endpoint: string
  readonly writeId?: string
  readonly carries?: string
}

/** A table beside the objects' rows, for what others keep in the same database. Keys are bytes, values JSON. */
export interface LedgerTable<V> {
  /** The newest committed entry. */
  get(key: Buffer): { readonly value: V; readonly version: number } | undefined
  /** Entries from a key on (included), in the order of the keys' bytes, up to `end` (excluded). */
  range(
    start: Buffer,
    end: Buffer | undefined,
    limit: number,
    at?: LedgerSnapshot,
  ): { key: string; value: V; version: number }[]
  count(): number
  /** Within {@link Ledger.commit} only. */
  put(key: Buffer, value: V, version: number): void
  /** Within {@link Ledger.commit} only. */
  remove(key: Buffer): void
}

/** An entry that must have this version (undefined: must not be there) for a commit to happen. */
export interface LedgerCondition {
  readonly table: LedgerTable<never>
  readonly key: Buffer
  readonly version: number | undefined
}

export interface LedgerOptions {
  /** A number that no process of this folder ever gave before. */
  readonly nextVersion: () => number
  /** Called once, when a commit failed in a way that makes every later one doubtful. */
  readonly onPoisoned: (error: StorageError) => void
  /** Called before each commit; throws if this process may not write (any more). */
  readonly beforeCommit?: (() => Promise<void> | void) | undefined
  /** Whether the disk is full, or nearly: LMDB reports a write cut short by that as a broken disk. */
  readonly isFull?: (() => Promise<boolean>) | undefined
}

type Binary = Buffer
type PackedRow = readonly unknown[]

/** What the names of tables begin with that others keep here. */
const TABLE = 'x-'

/** The fact of the last correction of the usage. */
const CORRECTED = 'usage-corrected'

const EMPTY = Buffer.alloc(0)
const OWN = Buffer.from(RESERVED_PREFIX)

/** Key 0 holds the sum; every other key is one commit's addition, not yet folded into it. */
const SUM = 0

/**
 * The database beside the files. The one module that touches LMDB.
 *
 * A commit is durable when its promise resolves, and invisible when it rejects. Every decision is made on a
 * snapshot taken at that moment (LMDB otherwise reads from the event turn's first snapshot, and misses what
 * another process has committed since) and committed on the condition that the row is unchanged, so no
 * JavaScript ever runs inside a write transaction, where a stopped process would hold up all others.
 */
export class Ledger {
  readonly #environment: RootDatabase
  readonly #rows: Database<PackedRow, Binary>
  /** The keys of rows that have work. */
  readonly #pending: Database<true, Binary>
  /** Bytes of small objects whose files are not durable yet, by write id. */
  readonly #bytes: Database<Buffer, string>
  readonly #usage: Database<readonly [number, number], number>
  readonly #facts: Database<string, string>
  readonly #uploads: Database<readonly string[], string>
  readonly #options: LedgerOptions
  /** The rows of objects, only to be named in a condition of {@link commit}. */
  readonly objects: LedgerTable<never>
  #poison: StorageError | undefined
  #closed = false
  #unfolded = 0

  private constructor(environment: RootDatabase, options: LedgerOptions) {
    this.#environment = environment
    this.#options = options
    this.#rows = environment.openDB('rows', { keyEncoding: 'binary', useVersions: true })
    this.objects = new JsonTable<unknown>(this.#rows, () =>
      this.#fresh(),
    ) as LedgerTable<unknown> as LedgerTable<never>
    this.#pending = environment.openDB('pending', { keyEncoding: 'binary' })
    this.#bytes = environment.openDB('bytes', { encoding: 'binary' })
    this.#usage = environment.openDB('usage', { useVersions: true })
    this.#facts = environment.openDB('facts', { encoding: 'string', useVersions: true })
    this.#uploads = environment.openDB('uploads', {})
  }

  /**
   * Opens the database in a folder, making it if it is not there.
   *
   * @throws StorageError `NO_SPACE` where the disk has not even room for an empty one
   */
  static async open(path: string, options: LedgerOptions): Promise<Ledger> {
    await checkRoomForNew(path)
    // Loaded here and not above: importing the library loads no native code.
    const { open } = await import('lmdb')
    try {
      return new Ledger(
        open({
          path,
          noSubdir: false,
          maxDbs: 32,
          // The default answers before the sync, and shows a row whose sync failed.
          overlappingSync: false,
          eventTurnBatching: false,
        }),
        options,
      )
    } catch (error) {
      throw storageError(systemErrorOf(error), 'open')
    }
  }

  /** The failure after which nothing is committed any more. */
  get poison(): StorageError | undefined {
    return this.#poison
  }

  /** The newest committed row. */
  get(key: string): VersionedRow | undefined {
    this.#fresh()
    const entry = this.#rows.getEntry(Buffer.from(key))
    return entry === undefined ? undefined : { row: unpackRow(entry.value), version: entry.version ?? 0 }
  }

  /**
   * Writes a row if it still has the version that was seen, together with what follows from it (the list of
   * rows that have work, the usage), in one durable commit.
   *
   * @returns the row's new version (0 if it was removed), or undefined if another write came first: nothing was written then
   * @throws StorageError `NO_SPACE`, or `UNAVAILABLE` if the commit failed, or one before it did
   */
  async write(write: RowWrite): Promise<number | undefined> {
    await this.#checkWritable()
    const version = this.#options.nextVersion()
    const done = this.#conditional(write, version)
    return (await this.#committed(done)) ? (write.row === undefined ? 0 : version) : undefined
  }

  /**
   * {@link write} for many rows at once, each on its own condition.
   *
   * @returns for each whether it was written
   */
  async writeAll(writes: readonly RowWrite[]): Promise<boolean[]> {
    await this.#checkWritable()
    // All numbers first: where there is none for one, nothing is on its way that nobody waits for.
    const numbered = writes.map(write => [write, this.#options.nextVersion()] as const)
    const all = numbered.map(([write, version]) => this.#conditional(write, version))
    return this.#committed(Promise.all(all))
  }

  /**
   * The objects from a key on, in the order of the keys' UTF-8 bytes.
   *
   * @param start the first bytes of the range, included
   * @param end where given, the bytes that end it, excluded
   */
  *range(start: Buffer, end?: Buffer): Generator<{ key: string; row: Row }, void, void> {
    this.#fresh()
    for (const { key, value } of this.#rows.getRange(end === undefined ? { start } : { start, end })) {
      yield { key: key.toString(), row: unpackRow(value) }
    }
  }

  /** Rows after a key (from the first one on unless given), in the order of the keys' UTF-8 bytes, with their versions. */
  page(
    after: string | undefined,
    limit: number,
    at?: LedgerSnapshot,
  ): { key: string; row: Row; version: number }[] {
    if (at === undefined) this.#fresh()
    const entries = this.#rows.getRange({ start: startAfter(after), limit, versions: true, ...readAt(at) })
    return Array.from(entries, ({ key, value, version }) => ({
      key: key.toString(),
      row: unpackRow(value),
      version: version ?? 0,
    }))
  }

  /** The bytes that were committed with a row under this id; none for empty content. */
  bytesOf(id: string): Buffer {
    this.#fresh()
    return this.#bytes.getBinary(id) ?? EMPTY
  }

  /** The keys of rows that have work, at this moment. */
  pendingKeys(): string[] {
    this.#fresh()
    const keys: string[] = []
    for (const key of this.#pending.getKeys({})) keys.push(key.toString())
    return keys
  }

  /** Some of {@link pendingKeys}: those after a key, in order. */
  pendingPage(after: string | undefined, limit: number): string[] {
    this.#fresh()
    return Array.from(this.#pending.getKeys({ start: startAfter(after), limit }), key => key.toString())
  }

  /** Ids of {@link bytesOf} after one, in the order of their bytes. */
  bytesPage(after: string | undefined, limit: number): string[] {
    this.#fresh()
    const start = after === undefined ? {} : { start: after, exclusiveStart: true }
    return Array.from(this.#bytes.getKeys({ ...start, limit }), String)
  }

  /** Whether the key is among {@link pendingKeys}. */
  isPending(key: string): boolean {
    this.#fresh()
    return this.#pending.doesExist(Buffer.from(key))
  }

  /**
   * Reads everything there is, at one moment and without a pause: for a process that does nothing else.
   *
   * @throws Error where something cannot be read, StorageError `CONFIG_INVALID` for a ledger of another version; where the file is cut or its pages are not those of a database, the
   *   operating system may end the process
   */
  inspect(): LedgerInspection {
    this.#fresh()
    const counted = { count: 0, bytes: 0 }
    for (const { key, value } of this.#rows.getRange({})) {
      const { object } = readable('row', key, () => unpackRow(value))
      if (object === undefined || isOwn(key)) continue
      counted.count++
      counted.bytes += object.identity.size
    }
    const kept = this.#sum()
    for (const name of this.#environment.getKeys({})) {
      if (typeof name !== 'string' || name === 'rows' || name === 'usage') continue
      const isTable = name.startsWith(TABLE)
      const raw = { keyEncoding: 'binary', encoding: 'binary', useVersions: isTable } as const
      for (const { key, value } of this.#environment.openDB<Buffer, Binary>(name, raw).getRange({})) {
        if (isTable) readable(`${name.slice(TABLE.length)} entry`, key, () => JSON.parse(value.toString()))
      }
    }
    return { id: this.#facts.get('id'), counted, kept, corrected: this.#facts.getEntry(CORRECTED)?.version }
  }

  /** The ledger as it is now, for as long as it is read. */
  snapshot(): LedgerSnapshot {
    this.#fresh()
    const transaction = this.#environment.useReadTransaction()
    return { transaction, done: () => transaction.done() }
  }

  /**
   * Adds to the usage what it lacks of the truth, which stays right whatever others commit at the same time.
   *
   * @param corrected as {@link inspect} told it with what the truth was taken from
   * @returns false if somebody else has corrected it since; nothing was done then
   */
  async correctUsage({ count, bytes }: Usage, corrected: number | undefined): Promise<boolean> {
    await this.#checkWritable()
    const version = this.#options.nextVersion()
    const write = (): void => {
      this.#facts.put(CORRECTED, String(Date.now()), version)
      this.#usage.put(version, [count, bytes], version)
    }
    const done = await this.#committed(
      corrected === undefined
        ? this.#facts.ifNoExists(CORRECTED, write)
        : this.#facts.ifVersion(CORRECTED, corrected, write),
    )
    if (done) this.#unfolded++
    return done
  }

  /**
   * Resolves when all that was read is durable: what another process commits can be seen a moment before its sync.
   * Called before anything is removed for good because no row names it.
   */
  async barrier(): Promise<void> {
    await this.setFact('barrier', String(Date.now()))
  }

  /** What all objects take. The cost grows with the commits since {@link foldUsage}, never with the objects. */
  usage(): Usage {
    this.#fresh()
    return this.#sum()
  }

  #sum(): Usage {
    let count = 0
    let bytes = 0
    for (const { value } of this.#usage.getRange({})) {
      count += value[0]
      bytes += value[1]
    }
    return { count, bytes }
  }

  /** Commits whose additions are not folded into the sum, as far as this process made them. */
  get unfolded(): number {
    return this.#unfolded
  }

  /** Folds what commits added to the usage into one sum. Another process doing the same is no harm. */
  async foldUsage(): Promise<void> {
    await this.#checkWritable()
    this.#fresh()
    this.#unfolded = 0
    const sum = this.#usage.getEntry(SUM)
    let [count, bytes] = sum?.value ?? [0, 0]
    const folded: number[] = []
    for (const { key, value } of this.#usage.getRange({ start: SUM + 1 })) {
      folded.push(key)
      count += value[0]
      bytes += value[1]
    }
    if (folded.length === 0) return
    const version = this.#options.nextVersion()
    await this.#committed(
      this.#if(this.#usage, SUM, sum?.version, () => {
        this.#usage.put(SUM, [count, bytes], version)
        for (const key of folded) this.#usage.remove(key)
      }),
    )
  }

  /** A fact of the whole folder, such as its id. */
  fact(name: string): string | undefined {
    this.#fresh()
    return this.#facts.get(name)
  }

  /** Notes a fact durably, replacing what was there. */
  async setFact(name: string, value: string): Promise<void> {
    await this.#checkWritable()
    await this.#committed(this.#facts.put(name, value, this.#options.nextVersion()))
  }

  /** Forgets facts, durably and all together. */
  async removeFacts(names: readonly string[]): Promise<void> {
    await this.#checkWritable()
    await this.#committed(
      this.#environment.batch(() => {
        for (const name of names) this.#facts.remove(name)
      }),
    )
  }

  /** Notes a fact unless it is known. @returns what holds now */
  async claimFact(name: string, value: string): Promise<string> {
    await this.#checkWritable()
    const version = this.#options.nextVersion()
    await this.#committed(
      this.#facts.ifNoExists(name, () => {
        this.#facts.put(name, value, version)
      }),
    )
    return this.fact(name) ?? value
  }

  /** Notes durably that an upload in parts was begun by a process. */
  async addUpload(entry: UploadEntry, process: string): Promise<void> {
    await this.#checkWritable()
    const { uploadId, key, bucket, endpoint, writeId, carries } = entry
    const row = [uploadId, process, key, bucket, endpoint]
    if (writeId !== undefined && carries !== undefined) row.push(writeId, carries)
    await this.#committed(this.#uploads.put(uploadKey(uploadId), row))
  }

  /** Forgets an upload that ended. */
  async removeUpload(uploadId: string): Promise<void> {
    await this.#checkWritable()
    await this.#committed(this.#uploads.remove(uploadKey(uploadId)))
  }

  /** All uploads that were begun and not seen to end, each with the process that began it. */
  uploads(): { entry: UploadEntry; process: string }[] {
    this.#fresh()
    const found: { entry: UploadEntry; process: string }[] = []
    for (const { value } of this.#uploads.getRange({})) {
      const [uploadId = '', process = '', key = '', bucket = '', endpoint = '', writeId, carries] = value
      const again = writeId !== undefined && carries !== undefined ? { writeId, carries } : undefined
      found.push({ entry: { uploadId, key, bucket, endpoint, ...again }, process })
    }
    return found
  }

  /**
   * Overwrites what removed entries have left in the file: LMDB keeps the pages of what was removed, and their bytes.
   * The cost grows with the free pages, and with the entries of the tables that are not named by keys.
   *
   * @param keys of rows and entries that were removed; unless given, all are taken into account
   * @throws StorageError `NO_SPACE`; `UNAVAILABLE` where somebody reads what is to be overwritten
   */
  async scrub(keys?: readonly string[]): Promise<void> {
    await scrubLedger(this.#environment, keys, async write => {
      await this.#checkWritable()
      await this.#committed(this.#environment.batch(write))
      this.#fresh()
    })
  }

  /** A table of this name; made if it is not there. */
  table<V>(name: string): LedgerTable<V> {
    return new JsonTable<V>(
      this.#environment.openDB(TABLE + name, { keyEncoding: 'binary', encoding: 'json', useVersions: true }),
      () => this.#fresh(),
    )
  }

  /**
   * Commits what `write` writes to tables, durably and all together, if every condition holds.
   *
   * @param write called once or not at all; it is given the version of what it writes
   * @returns the version, or undefined if a condition did not hold: nothing was written then
   */
  async commit(
    conditions: readonly LedgerCondition[],
    write: (version: number) => void,
  ): Promise<number | undefined> {
    await this.#checkWritable()
    const version = this.#options.nextVersion()
    const held: Promise<boolean>[] = []
    const nest = (index: number): void => {
      const condition = conditions[index]
      if (condition === undefined) {
        write(version)
        return
      }
      const { key } = condition
      const { database } = condition.table as unknown as JsonTable<unknown>
      held.push(this.#if(database, key, condition.version, () => nest(index + 1)))
    }
    if (conditions.length === 0) held.push(this.#environment.batch(() => nest(0)))
    else nest(0)
    const all = await this.#committed(Promise.all(held))
    return all.every(Boolean) ? version : undefined
  }

  /** Keeps bytes under an id of their own. Within {@link commit} only. */
  putBytes(id: string, content: Buffer): void {
    if (content.length > 0) this.#bytes.put(id, content)
  }

  /** Lets bytes go. Within {@link commit} only. */
  removeBytes(id: string): void {
    this.#bytes.remove(id)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#environment.close()
  }

  #conditional(write: RowWrite, version: number): Promise<boolean> {
    const { row, usage, bytes, forget } = write
    const key = Buffer.from(write.key)
    return this.#if(this.#rows, key, write.expected, () => {
      if (row === undefined) this.#rows.remove(key)
      else this.#rows.put(key, packRow(row), version)
      if (row?.work === undefined) this.#pending.remove(key)
      else this.#pending.put(key, true)
      if (bytes !== undefined && bytes.content.length > 0) this.#bytes.put(bytes.writeId, bytes.content)
      if (forget !== undefined) for (const writeId of forget) this.#bytes.remove(writeId)
      if (usage !== undefined && (usage.count !== 0 || usage.bytes !== 0)) {
        this.#usage.put(version, [usage.count, usage.bytes], version)
        this.#unfolded++
      }
    })
  }

  #if<V, K extends Buffer | number>(
    database: Database<V, K>,
    key: K,
    version: number | undefined,
    write: () => void,
  ): Promise<boolean> {
    return version === undefined ? database.ifNoExists(key, write) : database.ifVersion(key, version, write)
  }

  #fresh(): void {
    if (this.#closed) throw closedError()
    this.#environment.resetReadTxn()
  }

  async #checkWritable(): Promise<void> {
    if (this.#poison !== undefined) throw refused(this.#poison)
    if (this.#closed) throw closedError()
    await this.#options.beforeCommit?.()
  }

  async #committed<T>(commit: Promise<T>): Promise<T> {
    try {
      return await commit
    } catch (error) {
      throw await this.#failed(error)
    }
  }

  /** What a failed commit means. A full disk passes; after anything else no commit can be believed. */
  async #failed(error: unknown): Promise<StorageError> {
    const cause = systemErrorOf(await commitErrorOf(error))
    const failure = storageError(cause, 'commit')
    if (failure.code === 'NO_SPACE') return failure
    if (await this.#options.isFull?.().catch(() => false)) {
      return storageError(Object.assign(cause, { code: 'ENOSPC' }), 'commit')
    }
    if (this.#poison === undefined) {
      this.#poison = new StorageError({
        code: 'UNAVAILABLE',
        op: 'commit',
        store: 'local',
        message: `The ledger failed to commit (${cause.message}); nothing is written any more until the disk is mended and the process started again.`,
        cause,
      })
      this.#options.onPoisoned(this.#poison)
    }
    return this.#poison
  }
}

class JsonTable<V> implements LedgerTable<V> {
  readonly database: Database<V, Binary>
  readonly #fresh: () => void

  constructor(database: Database<V, Binary>, fresh: () => void) {
    this.database = database
    this.#fresh = fresh
  }

  get(key: Buffer): { value: V; version: number } | undefined {
    this.#fresh()
    const entry = this.database.getEntry(key)
    return entry === undefined ? undefined : { value: entry.value, version: entry.version ?? 0 }
  }

  range(
    start: Buffer,
    end: Buffer | undefined,
    limit: number,
    at?: LedgerSnapshot,
  ): { key: string; value: V; version: number }[] {
    if (at === undefined) this.#fresh()
    const options = { start, limit, versions: true, ...(end !== undefined && { end }), ...readAt(at) }
    return Array.from(this.database.getRange(options), ({ key, value, version }) => ({
      key: key.toString(),
      value,
      version: version ?? 0,
    }))
  }

  count(): number {
    this.#fresh()
    return (this.database.getStats() as { entryCount: number }).entryCount
  }

  put(key: Buffer, value: V, version: number): void {
    this.database.put(key, value, version)
  }

  remove(key: Buffer): void {
    this.database.remove(key)
  }
}

/** @throws Error that names the entry that cannot be read; what is only of another version says so itself */
function readable<T>(what: string, key: Buffer, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (StorageError.is(error)) throw error
    throw new Error(`the ${what} ${shown(key.toString())} is no such: ${String(error)}`)
  }
}

function readAt(at: LedgerSnapshot | undefined): { transaction?: Transaction } {
  return at === undefined ? {} : { transaction: at.transaction as Transaction }
}

/** The smallest key after another is the same with a zero byte behind it. */
function startAfter(key: string | undefined): Buffer {
  return key === undefined ? EMPTY : Buffer.from(`${key}\0`)
}

/** Whether a key is one of Holdfast's own, which do not count. */
function isOwn(key: Buffer): boolean {
  return key.subarray(0, OWN.length).equals(OWN)
}

/** LMDB's keys have a length limit of their own, and an upload id may be anything. */
function uploadKey(uploadId: string): string {
  return uploadId.length <= 600 ? uploadId : `${uploadId.slice(0, 300)}…${uploadId.slice(-300)}`
}

/** What is not even tried any more: unlike the commit that failed first, it cannot turn up later. */
function refused({ code, message, cause }: StorageError): StorageError {
  return new StorageError({ code, op: 'write', store: 'local', message, cause })
}

function closedError(): StorageError {
  return new StorageError({
    code: 'UNAVAILABLE',
    op: 'open',
    store: 'local',
    message: 'The store is closed.',
    retryable: false,
  })
}

/** LMDB's files when they are new, and as much again. */
const NEW_BYTES = 64 * 1024

/**
 * LMDB lays its files out in memory first. On a disk without a page for them that is no error of a call, but a signal
 * (SIGBUS), which ends the process.
 */
async function checkRoomForNew(path: string): Promise<void> {
  if (existsSync(join(path, 'data.mdb')) && existsSync(join(path, 'lock.mdb'))) return
  if ((await freeBytesAt(existsSync(path) ? path : dirname(path))) >= NEW_BYTES) return
  const message = `The open failed: the disk is full, and the ledger in ${shown(path)} is still to be made.`
  throw failure('NO_SPACE', 'open', undefined, message)
}
