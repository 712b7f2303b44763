import type { Attributes } from '../../core/attributes.js'
import type { Condition } from '../../core/store.js'
import type { Ledger, LedgerCondition, LedgerSnapshot, LedgerTable } from './ledger.js'

/** A file in quarantine, as the ledger holds it. */
export interface QuarantineRow {
  /** The key that it was to be stored under. */
  readonly key: string
  /** When it came: milliseconds since the epoch. */
  readonly at: number
  readonly reason?: string | undefined
  /** The file with its bytes, below `.holdfast/objects`. */
  readonly file: string
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
  readonly attributes: Attributes
  /** How it was to be compressed. */
  readonly compress?: string | undefined
  /** What must hold of its key when it is released. */
  readonly condition: Condition
  /** The write that it is being released as, once somebody has begun to. */
  readonly release?: { readonly writeId: string; readonly expiresAt?: number } | undefined
  /** Present once it is being removed: its file goes next, and then the row. */
  readonly going?: true | undefined
}

export interface VersionedQuarantineRow {
  readonly id: string
  readonly row: QuarantineRow
  readonly version: number
}

/** What all rows come to. */
export interface QuarantineSum {
  readonly files: number
  /** Of the disk. */
  readonly bytes: number
}

const BLOCK_BYTES = 4096
const NOTHING: QuarantineSum = { files: 0, bytes: 0 }
const SUM = Buffer.from('sum')
const ALL = Buffer.alloc(0)

/** What a file takes of the disk: whole blocks, and one for the row, so that empty files are no way around a limit. */
export function diskBytes(size: number): number {
  return Math.max(1, Math.ceil(size / BLOCK_BYTES)) * BLOCK_BYTES
}

/**
 * The rows of the quarantine in the ledger of a storage folder, shared by its processes, and their sum: every commit
 * changes both.
 */
export class QuarantineTable {
  readonly #ledger: Ledger
  readonly #rows: LedgerTable<QuarantineRow>
  readonly #sums: LedgerTable<QuarantineSum>

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#rows = ledger.table('quarantine')
    this.#sums = ledger.table('quarantine-sum')
  }

  get(id: string): VersionedQuarantineRow | undefined {
    const entry = this.#rows.get(Buffer.from(id))
    return entry === undefined ? undefined : { id, row: entry.value, version: entry.version }
  }

  /** Rows in the order of their ids, those after one of them. */
  page(after: string | undefined, limit: number, at?: LedgerSnapshot): VersionedQuarantineRow[] {
    const start = after === undefined ? ALL : Buffer.from(`${after}\0`)
    return this.#rows
      .range(start, undefined, limit, at)
      .map(({ key, value, version }) => ({ id: key, row: value, version }))
  }

  sum(): QuarantineSum {
    return this.#sums.get(SUM)?.value ?? NOTHING
  }

  /** Adds a row, durably. @returns false if that would be more than `maxBytes` of the disk: nothing was done then */
  async add(id: string, row: QuarantineRow, maxBytes: number): Promise<boolean> {
    const name = Buffer.from(id)
    for (;;) {
      const seen = this.#sums.get(SUM)
      const sum = added(seen?.value, 1, diskBytes(row.size))
      if (sum.bytes > maxBytes) return false
      const conditions = [
        condition(this.#rows, name, undefined),
        condition(this.#sums, SUM, seen?.version),
      ] as const
      const version = await this.#ledger.commit(conditions, at => {
        this.#rows.put(name, row, at)
        this.#sums.put(SUM, sum, at)
      })
      if (version !== undefined) return true
    }
  }

  /** Replaces a row by one of a file of the same size. @returns false if it is another by now */
  async replace({ id, version }: VersionedQuarantineRow, row: QuarantineRow): Promise<boolean> {
    const name = Buffer.from(id)
    const done = await this.#ledger.commit([condition(this.#rows, name, version)], at =>
      this.#rows.put(name, row, at),
    )
    return done !== undefined
  }

  /** Removes a row, if it is there. */
  async remove(id: string): Promise<void> {
    const name = Buffer.from(id)
    for (;;) {
      const found = this.get(id)
      if (found === undefined) return
      const seen = this.#sums.get(SUM)
      const sum = added(seen?.value, -1, -diskBytes(found.row.size))
      const conditions = [
        condition(this.#rows, name, found.version),
        condition(this.#sums, SUM, seen?.version),
      ] as const
      const version = await this.#ledger.commit(conditions, at => {
        this.#rows.remove(name)
        this.#sums.put(SUM, sum, at)
      })
      if (version !== undefined) return
    }
  }

  /** Counts the rows, and corrects the sum where it says otherwise. @returns whether it was right, or is now */
  async correctSum(): Promise<boolean> {
    const seen = this.#sums.get(SUM)
    const sum = this.count()
    const version = await this.#ledger.commit([condition(this.#sums, SUM, seen?.version)], at =>
      this.#sums.put(SUM, sum, at),
    )
    return version !== undefined
  }

  /** What the rows come to, counted. */
  count(): QuarantineSum {
    let sum = NOTHING
    for (let after: string | undefined; ; ) {
      const page = this.page(after, 1000)
      for (const { row } of page) sum = added(sum, 1, diskBytes(row.size))
      after = page.at(-1)?.id
      if (page.length < 1000) return sum
    }
  }
}

function added(sum: QuarantineSum = NOTHING, files: number, bytes: number): QuarantineSum {
  return { files: sum.files + files, bytes: sum.bytes + bytes }
}

function condition<V>(table: LedgerTable<V>, key: Buffer, version: number | undefined): LedgerCondition {
  return { table: table as LedgerTable<never>, key, version }
}
