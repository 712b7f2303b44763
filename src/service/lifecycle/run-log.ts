import type { LedgerTable } from '../../stores/local/ledger.js'
import type { Tables } from '../memory-tables.js'
import type { LocalOutcome } from './local-files.js'

/** A look through the folder's files by their rules that came to its end. Times are milliseconds since the epoch. */
export interface LifecycleRun {
  readonly startedAt: number
  readonly endedAt: number
  readonly outcome: LocalOutcome
}

const KEY = Buffer.from('last')

/** When the files were looked through last, by whichever process: one row in the ledger. */
export class RunLog {
  readonly #tables: Tables
  readonly #table: LedgerTable<LifecycleRun>

  constructor(tables: Tables) {
    this.#tables = tables
    this.#table = tables.table<LifecycleRun>('lifecycle')
  }

  last(): LifecycleRun | undefined {
    return this.#table.get(KEY)?.value
  }

  /**
   * Whether a look is due: one a span, and the spans are counted from midnight UTC. One that was cut off is in no row, and so
   * is due again.
   */
  isDue(now: number, intervalMs: number): boolean {
    const last = this.last()
    return last === undefined || Math.floor(now / intervalMs) > Math.floor(last.startedAt / intervalMs)
  }

  async note(run: LifecycleRun): Promise<void> {
    await this.#tables.commit([], version => this.#table.put(KEY, run, version))
  }
}
