import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ErasedItem } from '../../storage.js'
import type { Ledger, LedgerTable } from '../../stores/local/ledger.js'
import type { Bound } from './pass.js'

/** An erasure as it is noted until nothing of it is left to be done, or told. */
export interface NotedErasure {
  readonly id: string
  readonly key?: string
  readonly prefix?: string
  readonly bound: Bound
  /** The bucket that it was asked for. */
  readonly target?: string
  readonly erased: number
  readonly bytes: number
  /** Why something is left. */
  readonly owed?: string
  /** Milliseconds since the epoch; present when nothing is left, or it was given up. */
  readonly finishedAt?: number
  /** What was not confirmed when it was given up. */
  readonly unconfirmed?: string
  /** The process that is at it. */
  readonly holder?: string
}

/** An erasure with what names this state of it. */
export interface LoggedErasure {
  readonly erasure: NotedErasure
  readonly version: number
}

const ALL = Buffer.alloc(0)
const MAX = 10_000
const PAGE = 1000

/** The durable list of erasures that are owed, or finished and not yet told of. */
export class ErasureLog {
  readonly #ledger: Ledger
  readonly #erasures: LedgerTable<NotedErasure>
  readonly #items: LedgerTable<ErasedItem>

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#erasures = ledger.table('erasures')
    this.#items = ledger.table('erased')
  }

  /** How many there are. */
  get size(): number {
    return this.#erasures.count()
  }

  all(): LoggedErasure[] {
    const entries = this.#erasures.range(ALL, undefined, MAX)
    return entries.map(({ value, version }) => ({ erasure: value, version }))
  }

  get(id: string): LoggedErasure | undefined {
    const entry = this.#erasures.get(Buffer.from(id))
    return entry === undefined ? undefined : { erasure: entry.value, version: entry.version }
  }

  /**
   * Notes an erasure, and what it has removed since it was noted last.
   *
   * @param seen the version that it must still have; undefined if it must be new
   * @returns the new version; undefined if another process was faster: nothing was noted then
   */
  put(
    erasure: NotedErasure,
    seen: number | undefined,
    items: readonly ErasedItem[] = [],
  ): Promise<number | undefined> {
    const key = Buffer.from(erasure.id)
    const condition = { table: this.#erasures as LedgerTable<never>, key, version: seen }
    return this.#ledger.commit([condition], version => {
      this.#erasures.put(key, erasure, version)
      for (const [index, item] of items.entries()) {
        this.#items.put(itemKey(erasure.id, version, index), item, version)
      }
    })
  }

  /** What an erasure has removed, as far as it was noted. */
  async *itemsOf(id: string): AsyncGenerator<ErasedItem, void, void> {
    const end = Buffer.from(`${id}0`)
    for (let start = Buffer.from(`${id}/`); ; ) {
      const page = this.#items.range(start, end, PAGE)
      for (const { value } of page) yield { ...value, at: new Date(value.at) }
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      start = Buffer.from(`${last.key}\0`)
      await nextTurn()
    }
  }

  async remove(id: string): Promise<void> {
    const end = Buffer.from(`${id}0`)
    for (;;) {
      const page = this.#items.range(Buffer.from(`${id}/`), end, PAGE)
      if (page.length === 0) break
      await this.#ledger.commit([], () => {
        for (const { key } of page) this.#items.remove(Buffer.from(key))
      })
    }
    await this.#ledger.commit([], () => this.#erasures.remove(Buffer.from(id)))
  }
}

/** Below the id, in the order of the commits. */
function itemKey(id: string, version: number, index: number): Buffer {
  return Buffer.from(`${id}/${version.toString().padStart(16, '0')}/${index.toString().padStart(6, '0')}`)
}
