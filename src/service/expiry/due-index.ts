import type { Key } from '../../core/key.js'
import type { ObjectStat } from '../../core/store.js'
import type { LedgerCondition, LedgerTable } from '../../stores/local/ledger.js'
import type { Tables } from '../memory-tables.js'

/** What is known here of a write that expires. */
export interface ExpiringWrite {
  readonly key: Key
  readonly writeId: string
  /** When it is to be seen to: milliseconds since the epoch. */
  readonly due: number
  /** `kept`: it does not expire any more. `taken`: its removal has begun, and nobody keeps it any more. */
  readonly fate?: 'kept' | 'taken' | undefined
  /** What its upload was answered with; absent until it was, and where the store can always be asked. */
  readonly stat?: ObjectStat | undefined
  /** Tries to see to it that came to nothing. */
  readonly failures?: number | undefined
}

/** {@link ExpiringWrite} with the name of this version of it. */
export interface KnownWrite extends ExpiringWrite {
  readonly revision: number
}

type Stored = Omit<ExpiringWrite, 'key' | 'writeId' | 'stat'> & {
  readonly stat?: (Omit<ObjectStat, 'lastModified'> & { readonly lastModified: number }) | undefined
}

/** Ends the key in a name; no key has it, and it comes before every other byte. */
const END = '\0'
const EMPTY = Buffer.alloc(0)
/** What another process has added is noticed after this long at the latest, where it need not be exact. Milliseconds. */
const AGE_MS = 1000
/** Far more than a key has: entries go when they are due, or replaced. */
const MAX_OF_KEY = 10_000

/**
 * The writes of a folder that expire: by time, for who sees to what is due; and by key. Both are changed by one commit.
 * An entry may outlive its object, or come before it, and is no proof of one.
 */
export class DueIndex {
  readonly #tables: Tables
  /** By key and write id. */
  readonly #writes: LedgerTable<Stored>
  /** By time and write id; the value is the key. */
  readonly #times: LedgerTable<string>
  #isEmpty = false
  #countedAt = Number.NEGATIVE_INFINITY

  constructor(tables: Tables) {
    this.#tables = tables
    this.#writes = tables.table('expiring')
    this.#times = tables.table('expiring-due')
  }

  /** Whether there is nothing at all, as of up to a second ago; what this process has added counts at once. */
  get isEmpty(): boolean {
    const now = performance.now()
    if (now - this.#countedAt > AGE_MS) {
      this.#countedAt = now
      this.#isEmpty = this.#writes.count() === 0
    }
    return this.#isEmpty
  }

  /** Writes that are noted. */
  get size(): number {
    return this.#writes.count()
  }

  get(key: Key, writeId: string): KnownWrite | undefined {
    const entry = this.#writes.get(nameOf(key, writeId))
    return entry === undefined ? undefined : writeOf(key, writeId, entry.value, entry.version)
  }

  /** All writes of a key. */
  ofKey(key: Key): KnownWrite[] {
    return this.#writes
      .range(nameOf(key, ''), Buffer.from(`${key}\x01`), MAX_OF_KEY)
      .map(({ key: name, value, version }) =>
        writeOf(key, name.slice(name.lastIndexOf(END) + 1), value, version),
      )
  }

  /** Writes that are due by a time, the earliest first. */
  due(time: number, limit: number): KnownWrite[] {
    const found: KnownWrite[] = []
    for (const { key: name, value: key } of this.#times.range(EMPTY, Buffer.from(timeOf(time + 1)), limit)) {
      const write = this.get(key as Key, name.slice(timeOf(0).length))
      if (write !== undefined) found.push(write)
    }
    return found
  }

  /** Whether any are due by a time. */
  isDue(time: number): boolean {
    return (this.next() ?? Number.POSITIVE_INFINITY) <= time
  }

  /** When the earliest is due; undefined if there is none. */
  next(): number | undefined {
    const [first] = this.#times.range(EMPTY, undefined, 1)
    return first === undefined ? undefined : Number.parseInt(first.key.slice(0, timeOf(0).length), 16)
  }

  /** Some writes after a name, in the order of their names; for who checks them. */
  page(after: Buffer | undefined, limit: number): { name: Buffer; write: KnownWrite; isListed: boolean }[] {
    return this.#writes.range(behind(after), undefined, limit).map(({ key: text, value, version }) => {
      const end = text.lastIndexOf(END)
      const [key, writeId] = [text.slice(0, end) as Key, text.slice(end + 1)]
      const write = writeOf(key, writeId, value, version)
      return { name: Buffer.from(text), write, isListed: this.isListed(write) }
    })
  }

  /** Some entries by time after a name, in their order; for who checks them. */
  timesPage(after: Buffer | undefined, limit: number): { name: Buffer; key: Key; isStale: boolean }[] {
    return this.#times.range(behind(after), undefined, limit).map(({ key: text, value }) => {
      const name = Buffer.from(text)
      return { name, key: value as Key, isStale: this.#isStale(name, value as Key) }
    })
  }

  /** Whether a write is among those by time. */
  isListed({ key, writeId, due }: ExpiringWrite): boolean {
    return this.#times.get(timeName(due, writeId))?.value === key
  }

  /** An entry by time; undefined if there is none. */
  time(name: Buffer): { key: Key; isStale: boolean } | undefined {
    const key = this.#times.get(name)?.value as Key | undefined
    return key && { key, isStale: this.#isStale(name, key) }
  }

  #isStale(name: Buffer, key: Key): boolean {
    const text = name.toString()
    const due = this.get(key, text.slice(timeOf(0).length))?.due
    return due === undefined || !text.startsWith(timeOf(due))
  }

  /** Lists a write by its time again. @returns false if it has been changed since it was seen */
  async list({ key, writeId, due, revision }: KnownWrite): Promise<boolean> {
    const table = this.#writes as LedgerTable<never>
    const condition: LedgerCondition = { table, key: nameOf(key, writeId), version: revision }
    const done = await this.#tables.commit([condition], version => {
      this.#times.put(timeName(due, writeId), key, version)
    })
    return done !== undefined
  }

  /** Takes an entry off the list by time. @returns false if its write has come since it was seen */
  async unlist(name: Buffer, key: Key): Promise<boolean> {
    const entry = nameOf(key, name.toString().slice(timeOf(0).length))
    const version = this.#writes.get(entry)?.version
    if (!this.#isStale(name, key)) return false
    const condition: LedgerCondition = { table: this.#writes as LedgerTable<never>, key: entry, version }
    return (await this.#tables.commit([condition], () => this.#times.remove(name))) !== undefined
  }

  /** Adds a write, durably. @returns undefined if it is there already */
  async add(write: ExpiringWrite): Promise<KnownWrite | undefined> {
    const revision = await this.#commit(write, undefined, write)
    if (revision === undefined) return undefined
    this.#isEmpty = false
    this.#countedAt = performance.now()
    return { ...write, revision }
  }

  /**
   * Changes what is known of a write, durably; undefined forgets it.
   *
   * @returns what is known now; undefined if somebody else has changed it since it was seen, or if it was forgotten
   */
  async change(
    seen: KnownWrite,
    next: Omit<ExpiringWrite, 'key' | 'writeId'>,
  ): Promise<KnownWrite | undefined> {
    const { key, writeId } = seen
    const revision = await this.#commit(seen, seen, next)
    return revision === undefined ? undefined : { ...next, key, writeId, revision }
  }

  /** Forgets a write, unless it has been changed since it was seen. */
  async forget(seen: KnownWrite): Promise<void> {
    await this.#commit(seen, seen, undefined)
  }

  #commit(
    { key, writeId }: Pick<ExpiringWrite, 'key' | 'writeId'>,
    seen: KnownWrite | undefined,
    next: Omit<ExpiringWrite, 'key' | 'writeId'> | undefined,
  ): Promise<number | undefined> {
    const name = nameOf(key, writeId)
    const condition: LedgerCondition = {
      table: this.#writes as LedgerTable<never>,
      key: name,
      version: seen?.revision,
    }
    return this.#tables.commit([condition], version => {
      if (seen !== undefined && seen.due !== next?.due) this.#times.remove(timeName(seen.due, writeId))
      if (next === undefined) {
        this.#writes.remove(name)
        return
      }
      const { due, fate, failures, stat } = next
      const stored = stat === undefined ? undefined : { ...stat, lastModified: stat.lastModified.getTime() }
      this.#writes.put(name, { due, fate, failures, stat: stored }, version)
      if (seen?.due !== due) this.#times.put(timeName(due, writeId), key, version)
    })
  }
}

/** The first name after one. */
function behind(name: Buffer | undefined): Buffer {
  return name === undefined ? EMPTY : Buffer.concat([name, Buffer.of(0)])
}

function nameOf(key: Key, writeId: string): Buffer {
  return Buffer.from(key + END + writeId)
}

/** Times as text of one length, which has their order. */
function timeOf(time: number): string {
  return Math.max(0, Math.floor(time)).toString(16).padStart(12, '0')
}

function timeName(time: number, writeId: string): Buffer {
  return Buffer.from(timeOf(time) + writeId)
}

function writeOf(key: Key, writeId: string, stored: Stored, revision: number): KnownWrite {
  const { stat, ...rest } = stored
  if (stat === undefined) return { ...rest, key, writeId, revision }
  return { ...rest, key, writeId, revision, stat: { ...stat, lastModified: new Date(stat.lastModified) } }
}
