import type { LedgerCondition, LedgerTable } from '../stores/local/ledger.js'

/** Tables beside a store, and the commits that change several of them at once; a ledger has them durably. */
export interface Tables {
  table<V>(name: string): LedgerTable<V>
  commit(
    conditions: readonly LedgerCondition[],
    write: (version: number) => void,
  ): Promise<number | undefined>
}

/** The tables of a store that has no folder: they last as long as the process. */
export class MemoryTables implements Tables {
  readonly #tables = new Map<string, MemoryTable<unknown>>()
  #version = 0

  table<V>(name: string): LedgerTable<V> {
    const table = this.#tables.get(name) ?? new MemoryTable<unknown>()
    this.#tables.set(name, table)
    return table as LedgerTable<unknown> as LedgerTable<V>
  }

  async commit(
    conditions: readonly LedgerCondition[],
    write: (version: number) => void,
  ): Promise<number | undefined> {
    if (conditions.some(({ table, key, version }) => table.get(key)?.version !== version)) return undefined
    const version = ++this.#version
    write(version)
    return version
  }
}

interface Entry<V> {
  readonly name: Buffer
  readonly value: V
  readonly version: number
}

class MemoryTable<V> implements LedgerTable<V> {
  /** In the order of the names' bytes. */
  readonly #entries: Entry<V>[] = []

  get(key: Buffer): { value: V; version: number } | undefined {
    const entry = this.#entries[this.#search(key)]
    return entry?.name.equals(key) ? { value: entry.value, version: entry.version } : undefined
  }

  range(start: Buffer, end: Buffer | undefined, limit: number): { key: string; value: V; version: number }[] {
    const from = this.#search(start)
    const to = end === undefined ? this.#entries.length : this.#search(end)
    return this.#entries
      .slice(from, Math.min(to, from + limit))
      .map(({ name, value, version }) => ({ key: name.toString(), value, version }))
  }

  count(): number {
    return this.#entries.length
  }

  put(key: Buffer, value: V, version: number): void {
    const at = this.#search(key)
    const replaced = this.#entries[at]?.name.equals(key) === true
    this.#entries.splice(at, replaced ? 1 : 0, { name: key, value, version })
  }

  remove(key: Buffer): void {
    const at = this.#search(key)
    if (this.#entries[at]?.name.equals(key)) this.#entries.splice(at, 1)
  }

  /** Index of the first entry that is not before the key. */
  #search(key: Buffer): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare((this.#entries[middle] as Entry<V>).name, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
