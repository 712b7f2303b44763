import { setTimeout as sleep } from 'node:timers/promises'
import type { Tables } from '../memory-tables.js'
import type { QuotaRow } from './rows.js'
import { bytesBelow, foldersOf, type QuotaTables, settledMark, Transaction } from './transaction.js'

/** Operations of one commit: what comes while one is on its way goes together with the next. */
const BATCH = 256
/** Milliseconds, at most, before another try where other processes were first. */
const PAUSE_MS = 4

interface Waiting {
  /** Called once for every try. */
  readonly operation: (tx: Transaction) => void
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** The quotas in the ledger. */
export class QuotaBook {
  readonly tables: QuotaTables
  readonly #ledger: Tables
  #waiting: Waiting[] = []
  #draining: Promise<void> | undefined

  constructor(ledger: Tables) {
    this.#ledger = ledger
    this.tables = {
      quotas: ledger.table('quotas'),
      keys: ledger.table('quota-keys'),
      settled: ledger.table('quota-settled'),
    }
  }

  /** Whether there is any quota. */
  get isUsed(): boolean {
    return this.tables.quotas.count() > 0
  }

  get(prefix: string): QuotaRow | undefined {
    return this.tables.quotas.get(Buffer.from(prefix))?.value
  }

  /** Quotas in the order of their prefixes, those after one of them. */
  page(after: string | undefined, limit: number): { prefix: string; row: QuotaRow }[] {
    const start = after === undefined ? Buffer.alloc(0) : Buffer.from(`${after}\0`)
    const rows = this.tables.quotas.range(start, undefined, limit)
    return rows.map(({ key, value }) => ({ prefix: key, row: value }))
  }

  /** Whether a quota holds for the key. */
  covers(key: string): boolean {
    return foldersOf(key).some(folder => this.get(folder) !== undefined)
  }

  /** The prefixes of the quotas that hold for the key. */
  covering(key: string): string[] {
    return foldersOf(key).filter(folder => this.get(folder) !== undefined)
  }

  /** Whether anybody works on a key below a prefix, or did while it was counted. */
  isAtWork(prefix: string): boolean {
    const { start, end } = bytesBelow(prefix)
    return this.tables.keys.range(start, end, 1).length > 0
  }

  settledMark(key: string): number {
    return settledMark(this.tables, key)
  }

  /**
   * Does something in one commit, or not at all.
   *
   * @param operation may be called again, where another process came in between; throws before it writes
   */
  transact<T>(operation: (tx: Transaction) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let outcome: { value: T } | { error: unknown }
      this.#waiting.push({
        operation: tx => {
          try {
            outcome = { value: operation(tx) }
          } catch (error) {
            outcome = { error }
          }
        },
        done: () => ('value' in outcome ? resolve(outcome.value) : reject(outcome.error)),
        failed: reject,
      })
      this.#draining ??= this.#drain()
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#draining
  }

  async #drain(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH)
      try {
        await this.#commit(batch)
        for (const { done } of batch) done()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
    // In the same turn in which nothing was found waiting: what comes later starts anew.
    this.#draining = undefined
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    for (;;) {
      const tx = new Transaction(this.tables)
      for (const { operation } of batch) operation(tx)
      if (!tx.isChanged || (await tx.commit(this.#ledger))) return
      await sleep(Math.random() * PAUSE_MS)
    }
  }
}
