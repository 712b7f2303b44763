import { compareUtf8, type Key } from '../core/key.js'
import type { Ledger, LedgerCondition, LedgerSnapshot, LedgerTable } from '../stores/local/ledger.js'
import type {
  CommitOptions,
  Conflict,
  Journal,
  JournalRow,
  Owner,
  RowContent,
  ScanOptions,
} from './journal.js'
import { droppedFiles, HELD } from './journal.js'
import { removalsOf } from './removals.js'

interface Holder {
  readonly holder: string
}

const OWNER = Buffer.from('owner')
const BEAT = Buffer.from('beat')
const SUSPECTED = Buffer.from('suspected')
const ALL = Buffer.alloc(0)
/** Another process's suspicion is seen after this long at the latest. Milliseconds. */
const SUSPICION_AGE_MS = 250

/** The journal in the ledger of the storage folder: shared by its processes, durable with each commit. */
export class LedgerJournal implements Journal {
  readonly #ledger: Ledger
  readonly #rows: LedgerTable<RowContent>
  readonly #owner: LedgerTable<Holder>
  readonly #marks: LedgerTable<number>
  readonly #processes: LedgerTable<number>
  readonly #conflicts: LedgerTable<Conflict>
  readonly #removals: LedgerTable<1>
  #suspectedAt = 0
  #suspicionReadAt = Number.NEGATIVE_INFINITY

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#rows = ledger.table('journal')
    this.#owner = ledger.table('journal-owner')
    this.#marks = ledger.table('journal-marks')
    this.#processes = ledger.table('journal-processes')
    this.#conflicts = ledger.table('conflicts')
    this.#removals = removalsOf(ledger)
  }

  get(key: Key): JournalRow | undefined {
    const entry = this.#rows.get(Buffer.from(key))
    return entry === undefined ? undefined : rowOf(entry.value, key, entry.version)
  }

  scan({ prefix = '', after, limit }: ScanOptions, at?: LedgerSnapshot): JournalRow[] {
    const past = after !== undefined && compareUtf8(after, prefix) >= 0
    // The smallest key after another is the same with a zero byte behind it.
    const start = past ? Buffer.from(`${after}\0`) : Buffer.from(prefix)
    return this.#rows
      .range(start, endOf(prefix), limit, at)
      .map(({ key, value, version }) => rowOf(value, key as Key, version))
  }

  size(): number {
    return this.#rows.count()
  }

  async commit(
    key: Key,
    seen: JournalRow | undefined,
    next: RowContent | undefined,
    options: CommitOptions = {},
  ): Promise<boolean> {
    const { epoch, conflict, content, also, localVersion } = options
    const dropped = droppedFiles(seen, next, also).filter(file => file !== conflict?.file)
    const name = Buffer.from(key)
    const conditions = [condition(this.#rows, name, seen?.revision)]
    if (epoch !== undefined) conditions.push(condition(this.#owner, OWNER, epoch))
    if (localVersion !== undefined) conditions.push(condition(this.#ledger.objects, name, localVersion))
    for (const change of also ?? [])
      conditions.push(condition(this.#rows, Buffer.from(change.key), change.seen?.revision))
    const version = await this.#ledger.commit(conditions, version => {
      this.#write(name, next, version)
      for (const change of also ?? []) this.#write(Buffer.from(change.key), change.next, version)
      if (conflict !== undefined) this.#conflicts.put(Buffer.from(conflict.id), conflict, version)
      for (const file of dropped) this.#drop(file, version)
      if (content !== undefined) this.#ledger.putBytes(content.file, content.content)
    })
    return version !== undefined
  }

  #write(name: Buffer, next: RowContent | undefined, version: number): void {
    if (next === undefined) this.#rows.remove(name)
    else this.#rows.put(name, next, version)
  }

  /** Lets go of what holds bytes: at once, or as a file to be removed. Within a commit only. */
  #drop(file: string, version: number): void {
    if (file.startsWith(HELD)) this.#ledger.removeBytes(file)
    else this.#removals.put(Buffer.from(file), 1, version)
  }

  owner(): Owner | undefined {
    const entry = this.#owner.get(OWNER)
    if (entry === undefined) return undefined
    return { epoch: entry.version, holder: entry.value.holder, beat: this.#marks.get(BEAT)?.version ?? 0 }
  }

  async claim(seen: Owner | undefined, holder: string): Promise<number | undefined> {
    return this.#ledger.commit([condition(this.#owner, OWNER, seen?.epoch)], version => {
      this.#owner.put(OWNER, { holder }, version)
      this.#marks.put(BEAT, version, version)
    })
  }

  async beat(epoch: number): Promise<boolean> {
    const beat = await this.#ledger.commit([condition(this.#owner, OWNER, epoch)], version =>
      this.#marks.put(BEAT, version, version),
    )
    return beat !== undefined
  }

  async release(epoch: number): Promise<void> {
    await this.#ledger.commit([condition(this.#owner, OWNER, epoch)], version =>
      this.#owner.put(OWNER, { holder: '' }, version),
    )
  }

  processes(): string[] {
    return this.#processes.range(ALL, undefined, 1000).map(entry => entry.key)
  }

  async enter(process: string): Promise<void> {
    await this.#ledger.commit([], version => this.#processes.put(Buffer.from(process), Date.now(), version))
  }

  async leave(process: string): Promise<void> {
    await this.#ledger.commit([], () => this.#processes.remove(Buffer.from(process)))
  }

  suspectedAt(): number {
    const now = performance.now()
    if (now - this.#suspicionReadAt > SUSPICION_AGE_MS) {
      this.#suspicionReadAt = now
      this.#suspectedAt = this.#marks.get(SUSPECTED)?.value ?? 0
    }
    return this.#suspectedAt
  }

  async suspect(signedAt: number): Promise<void> {
    for (;;) {
      const entry = this.#marks.get(SUSPECTED)
      if (entry !== undefined && entry.value >= signedAt) break
      const done = await this.#ledger.commit([condition(this.#marks, SUSPECTED, entry?.version)], version =>
        this.#marks.put(SUSPECTED, signedAt, version),
      )
      if (done !== undefined) break
    }
    this.#suspicionReadAt = Number.NEGATIVE_INFINITY
  }

  conflicts(): Conflict[] {
    return this.#conflicts.range(ALL, undefined, 100_000).map(entry => entry.value)
  }

  /** Conflicts in the order of their ids, those after one of them. */
  conflictPage(after: string | undefined, limit: number, at?: LedgerSnapshot): Conflict[] {
    const start = after === undefined ? ALL : Buffer.from(`${after}\0`)
    return this.#conflicts.range(start, undefined, limit, at).map(entry => entry.value)
  }

  /** One conflict; undefined if it was ended. */
  conflict(id: string): Conflict | undefined {
    return this.#conflicts.get(Buffer.from(id))?.value
  }

  conflictCount(): number {
    return this.#conflicts.count()
  }

  async addConflict(conflict: Conflict): Promise<void> {
    await this.#ledger.commit([], version => this.#conflicts.put(Buffer.from(conflict.id), conflict, version))
  }

  async removeConflict(id: string): Promise<void> {
    const conflict = this.conflict(id)
    await this.#ledger.commit([], version => {
      this.#conflicts.remove(Buffer.from(id))
      if (conflict !== undefined) this.#drop(conflict.file, version)
    })
  }
}

/** The content, parsed for this one answer, made a row in place: a scan of a long journal copies nothing. */
function rowOf(content: RowContent, key: Key, revision: number): JournalRow {
  return Object.assign(content, { key, revision })
}

function condition<V>(table: LedgerTable<V>, key: Buffer, version: number | undefined): LedgerCondition {
  return { table: table as LedgerTable<never>, key, version }
}

/** The bytes that come after every key of the prefix; none of UTF-8's bytes is above 0xf4. */
function endOf(prefix: string): Buffer | undefined {
  return prefix === '' ? undefined : Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)])
}
