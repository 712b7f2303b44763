import type { LedgerTable } from '../../stores/local/ledger.js'
import type { Tables } from '../memory-tables.js'
import type { KeyRow, QuotaRow } from './rows.js'

/** The tables of the ledger. */
export interface QuotaTables {
  /** By prefix. */
  readonly quotas: LedgerTable<QuotaRow>
  /** By key: only of keys under way. */
  readonly keys: LedgerTable<KeyRow>
  /** By {@link bucketOf} a key: the version tells when one of its keys was last settled. */
  readonly settled: LedgerTable<1>
}

interface Entry<V> {
  value: V | undefined
  isChanged: boolean
}

interface SeenEntry<V> extends Entry<V> {
  readonly version: number | undefined
}

/** The folders that a key lies in: the prefixes that a quota of it may have. */
export function foldersOf(key: string): string[] {
  const folders: string[] = []
  for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) folders.push(key.slice(0, at + 1))
  return folders
}

/** Where the keys below a prefix begin, and end. */
export function bytesBelow(prefix: string): { start: Buffer; end: Buffer } {
  const start = Buffer.from(prefix)
  // None of UTF-8's bytes is above 0xf4.
  return { start, end: Buffer.concat([start, Buffer.of(0xff)]) }
}

/** One of 4096 buckets (FNV-1a): enough that two keys at work at once seldom meet, and nothing that grows with keys. */
function bucketOf(key: string): Buffer {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193)
  return Buffer.of((hash >>> 8) & 0x0f, hash & 0xff)
}

/** When a key was last settled, or another that shares its bucket. */
export function settledMark(tables: QuotaTables, key: string): number {
  return tables.settled.get(bucketOf(key))?.version ?? 0
}

/**
 * Reads and writes of the quotas' tables that hold together or not at all: the commit is conditional on every quota that
 * was read, the absent ones included. Every change of a key's row goes with a change of the quotas that hold for it, which
 * are read before it.
 */
export class Transaction {
  readonly #tables: QuotaTables
  readonly #quotas = new Map<string, SeenEntry<QuotaRow>>()
  readonly #keys = new Map<string, Entry<KeyRow>>()
  readonly #settled = new Set<string>()

  constructor(tables: QuotaTables) {
    this.#tables = tables
  }

  get isChanged(): boolean {
    for (const entry of this.#quotas.values()) if (entry.isChanged) return true
    return this.#keys.size > 0 && [...this.#keys.values()].some(entry => entry.isChanged)
  }

  quota(prefix: string): QuotaRow | undefined {
    return this.#quota(prefix).value
  }

  setQuota(prefix: string, row: QuotaRow | undefined): void {
    const entry = this.#quota(prefix)
    entry.value = row
    entry.isChanged = true
  }

  /** The prefixes of the quotas that hold for a key. */
  covering(key: string): string[] {
    return foldersOf(key).filter(folder => this.quota(folder) !== undefined)
  }

  key(key: string): KeyRow | undefined {
    let entry = this.#keys.get(key)
    if (entry === undefined) {
      // First what guards it: a change that comes after that is one of a quota, too, and lets the commit fail.
      this.covering(key)
      entry = { value: this.#tables.keys.get(Buffer.from(key))?.value, isChanged: false }
      this.#keys.set(key, entry)
    }
    return entry.value
  }

  setKey(key: string, row: KeyRow | undefined): void {
    this.#keys.set(key, { value: row, isChanged: true })
  }

  /** The rows of keys from one on (excluded) up to another (included), or to the end of the prefix. */
  keysBetween(prefix: string, after: string, last: string | undefined): Map<string, KeyRow> {
    const below = bytesBelow(prefix)
    const start = after === '' ? below.start : Buffer.from(`${after}\0`)
    const end = last === undefined ? below.end : Buffer.from(`${last}\0`)
    const rows = new Map<string, KeyRow>()
    for (const { key } of this.#tables.keys.range(start, end, Number.MAX_SAFE_INTEGER)) {
      const row = this.key(key)
      if (row !== undefined) rows.set(key, row)
    }
    for (const [key, { value }] of this.#keys) {
      const name = Buffer.from(key)
      if (value !== undefined && name.compare(start) >= 0 && name.compare(end) < 0) rows.set(key, value)
    }
    return rows
  }

  settledMark(key: string): number {
    return this.#settled.has(bucketOf(key).toString('hex'))
      ? Number.POSITIVE_INFINITY
      : settledMark(this.#tables, key)
  }

  settle(key: string): void {
    this.#settled.add(bucketOf(key).toString('hex'))
  }

  /** @returns false where another process came in between: nothing was written then */
  async commit(ledger: Tables): Promise<boolean> {
    const { quotas, keys, settled } = this.#tables
    const conditions = Array.from(this.#quotas, ([prefix, { version }]) => ({
      table: quotas as LedgerTable<never>,
      key: Buffer.from(prefix),
      version,
    }))
    const version = await ledger.commit(conditions, version => {
      for (const [prefix, entry] of this.#quotas) write(quotas, prefix, entry, version)
      for (const [key, entry] of this.#keys) write(keys, key, entry, version)
      for (const bucket of this.#settled) settled.put(Buffer.from(bucket, 'hex'), 1, version)
    })
    return version !== undefined
  }

  #quota(prefix: string): SeenEntry<QuotaRow> {
    let entry = this.#quotas.get(prefix)
    if (entry === undefined) {
      const found = this.#tables.quotas.get(Buffer.from(prefix))
      entry = { value: found?.value, version: found?.version, isChanged: false }
      this.#quotas.set(prefix, entry)
    }
    return entry
  }
}

function write<V>(table: LedgerTable<V>, name: string, entry: Entry<V>, version: number): void {
  if (!entry.isChanged) return
  const key = Buffer.from(name)
  if (entry.value === undefined) table.remove(key)
  else table.put(key, entry.value, version)
}
