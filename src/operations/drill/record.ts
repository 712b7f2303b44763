import type { Content, DrillEvent, Finding } from './events.js'

/** What may be under a key: content, or nothing. */
type State = Content | undefined

/** What is known of a key. */
interface KeyRecord {
  /** What was acknowledged last. */
  acknowledged: State
  /** What mutations that were refused since then may have left all the same. */
  readonly possible: State[]
  /** Content of every put so far, by its SHA-256. */
  readonly versions: Map<string, Content>
  /** Mutations under way, by their ids. */
  readonly running: Map<number, State>
  /** Reads under way. */
  readonly watching: Set<Watch>
  /** The number of the last event that began or ended a mutation. */
  touched: number
}

/** A read under way, and all that it may find: a mutation beside it may count or not. */
interface Watch {
  readonly key: string
  readonly allowed: State[]
}

const NOTHING = 'nothing'

/**
 * What was acknowledged, key by key, and the judge of what is seen: every answer of the storage is held against
 * what had been acknowledged when it was asked, and what was under way meanwhile.
 */
export class AcknowledgedRecord {
  readonly findings: Finding[] = []
  /** Puts and deletes that were acknowledged. */
  acknowledged = 0
  /** Puts and deletes that were not, by error code. */
  readonly refused: Record<string, number> = {}
  /** Reads that told nothing, by error code. */
  readonly unread: Record<string, number> = {}
  readonly #keys = new Map<string, KeyRecord>()
  readonly #mutations = new Map<number, KeyRecord>()
  readonly #reads = new Map<number, Watch>()
  readonly #lists = new Map<number, { readonly prefix: string; readonly since: number }>()
  readonly #seen = new Set<string>()
  #events = 0

  /** Takes in what happened next. */
  take(event: DrillEvent): void {
    this.#events++
    switch (event.type) {
      case 'put':
        this.#begin(event.id, event.key, event.content)
        return
      case 'delete':
        this.#begin(event.id, event.key, undefined)
        return
      case 'acknowledged':
        this.#end(event.id, undefined)
        return
      case 'refused':
        this.#end(event.id, event.code)
        return
      case 'read':
        this.#beginRead(event.id, event.key)
        return
      case 'found':
        this.#endRead(event.id, event.content)
        return
      case 'absent':
        this.#endRead(event.id, undefined)
        return
      case 'unread':
        this.#giveUpRead(event.id, event.code)
        return
      case 'list':
        this.#lists.set(event.id, { prefix: event.prefix, since: this.#events })
        return
      case 'listed':
        this.#endList(event.id, event.files, event.complete)
        return
    }
  }

  /** Every key that was ever written below the prefix. */
  *keys(prefix: string): Generator<string> {
    for (const key of this.#keys.keys()) if (key.startsWith(prefix)) yield key
  }

  /** Whether something is under the key by what was acknowledged, and nothing refused makes that doubtful. */
  isExpected(key: string): boolean {
    const record = this.#keys.get(key)
    return record?.acknowledged !== undefined && record.possible.every(state => state !== undefined)
  }

  /** Judges what the bucket itself holds under a key. */
  judge(key: string, found: State): void {
    const record = this.#record(key)
    this.#compare(key, 'bucket', [record.acknowledged, ...record.possible], found)
  }

  #begin(id: number, key: string, state: State): void {
    const record = this.#record(key)
    if (state !== undefined) record.versions.set(state.sha256, state)
    record.running.set(id, state)
    record.touched = this.#events
    for (const watch of record.watching) watch.allowed.push(state)
    this.#mutations.set(id, record)
  }

  #end(id: number, code: string | undefined): void {
    const record = this.#mutations.get(id)
    if (record === undefined) return
    const state = record.running.get(id)
    this.#mutations.delete(id)
    record.running.delete(id)
    record.touched = this.#events
    if (code === undefined) {
      this.acknowledged++
      record.acknowledged = state
      record.possible.length = 0
    } else {
      this.refused[code] = (this.refused[code] ?? 0) + 1
      record.possible.push(state)
    }
  }

  #beginRead(id: number, key: string): void {
    const record = this.#record(key)
    const allowed = [record.acknowledged, ...record.possible, ...record.running.values()]
    const watch: Watch = { key, allowed }
    record.watching.add(watch)
    this.#reads.set(id, watch)
  }

  #endRead(id: number, found: State): void {
    const watch = this.#takeRead(id)
    if (watch !== undefined) this.#compare(watch.key, 'read', watch.allowed, found)
  }

  #giveUpRead(id: number, code: string): void {
    if (this.#takeRead(id) !== undefined) this.unread[code] = (this.unread[code] ?? 0) + 1
  }

  #takeRead(id: number): Watch | undefined {
    const watch = this.#reads.get(id)
    this.#reads.delete(id)
    if (watch !== undefined) this.#keys.get(watch.key)?.watching.delete(watch)
    return watch
  }

  #endList(id: number, files: readonly (readonly [string, number])[], complete: boolean): void {
    const list = this.#lists.get(id)
    if (list === undefined) return
    this.#lists.delete(id)
    const sizes = new Map(files)
    for (const [key, record] of this.#keys) {
      // What a mutation was at work on meanwhile may be in the listing or not.
      const isSteady = record.touched < list.since && record.running.size === 0
      if (!isSteady || record.possible.length > 0 || !key.startsWith(list.prefix)) continue
      const size = sizes.get(key)
      const { acknowledged } = record
      if (size === undefined) {
        if (acknowledged !== undefined && complete) this.#find('lost', key, 'listing', acknowledged, NOTHING)
      } else if (acknowledged === undefined) {
        this.#find('resurrected', key, 'listing', acknowledged, `${size} bytes`)
      } else if (size !== acknowledged.size) {
        const isOlder = [...record.versions.values()].some(version => version.size === size)
        this.#find(isOlder ? 'shadowed' : 'partial', key, 'listing', acknowledged, `${size} bytes`)
      }
    }
  }

  #compare(key: string, where: Finding['where'], allowed: readonly State[], found: State): void {
    if (allowed.some(state => state?.sha256 === found?.sha256 && state?.size === found?.size)) return
    const [expected] = allowed
    if (found === undefined) this.#find('lost', key, where, expected, NOTHING)
    else if (this.#keys.get(key)?.versions.get(found.sha256)?.size !== found.size) {
      this.#find('partial', key, where, expected, describe(found))
    } else {
      const kind = expected === undefined ? 'resurrected' : 'shadowed'
      this.#find(kind, key, where, expected, describe(found))
    }
  }

  /** Notes a difference; the same one of the same key only once. */
  #find(kind: Finding['kind'], key: string, where: Finding['where'], expected: State, found: string): void {
    const name = `${kind} ${where} ${key}`
    if (this.#seen.has(name)) return
    this.#seen.add(name)
    this.findings.push({ kind, key, where, expected: describe(expected), found })
  }

  #record(key: string): KeyRecord {
    let record = this.#keys.get(key)
    if (record === undefined) {
      record = {
        acknowledged: undefined,
        possible: [],
        versions: new Map(),
        running: new Map(),
        watching: new Set(),
        touched: 0,
      }
      this.#keys.set(key, record)
    }
    return record
  }
}

function describe(state: State): string {
  return state === undefined ? NOTHING : `${state.size} bytes, SHA-256 ${state.sha256.slice(0, 12)}…`
}
