import type { ErrorCode } from '../core/errors.js'
import type { Logger } from '../core/logger.js'
import type { Ledger, LedgerTable } from '../stores/local/ledger.js'
import type { Availability } from './availability.js'
import type { Breaker } from './breaker.js'
import type { Chronicle } from './chronicle.js'
import type { Totals } from './totals.js'

/** Why a process does not reach the primary, and since when: milliseconds since the epoch. */
export interface AwayReport {
  readonly since: number
  readonly code: ErrorCode
  readonly message: string
}

/** What a process of the folder tells the others of the primary: what only its own memory knows. */
export interface ProcessReport {
  readonly reads?: AwayReport | undefined
  readonly writes?: AwayReport | undefined
  /** How fast it brings things to the primary, while something waits. */
  readonly operationsPerSecond: number
  readonly bytesPerSecond: number
}

/** Where the processes of a folder leave their reports for one another. */
export interface ReportBoard {
  /** Every process's report; one that has none is well, and brings nothing to the primary. */
  all(): { readonly process: string; readonly report: ProcessReport }[]
  /** Replaces the report of a process; undefined removes it. */
  post(process: string, report: ProcessReport | undefined): Promise<void>
}

/** The reports in the ledger of the storage folder. */
export class LedgerReportBoard implements ReportBoard {
  readonly #ledger: Ledger
  readonly #reports: LedgerTable<ProcessReport>

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#reports = ledger.table('journal-reports')
  }

  all(): { process: string; report: ProcessReport }[] {
    return this.#reports
      .range(Buffer.alloc(0), undefined, 1000)
      .map(({ key, value }) => ({ process: key, report: value }))
  }

  async post(process: string, report: ProcessReport | undefined): Promise<void> {
    await this.#ledger.commit([], version => {
      if (report === undefined) this.#reports.remove(Buffer.from(process))
      else this.#reports.put(Buffer.from(process), report, version)
    })
  }
}

export interface ReporterOptions {
  readonly board: ReportBoard
  readonly processId: string
  readonly isDead: (process: string) => boolean
  readonly availability: Pick<Availability, 'reads' | 'writes'>
  readonly chronicle: Pick<Chronicle, 'rate'>
  readonly totals: Pick<Totals, 'totals'>
  readonly logger: Logger
}

/** Keeps the report of this process up to date. A process that is well, and was, commits nothing. */
export class Reporter {
  readonly #options: ReporterOptions
  #posted: string | undefined
  #posting: Promise<void> | undefined
  #closed = false

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  /** Removes what processes that have died said last. */
  async sweep(): Promise<void> {
    const { board, isDead } = this.#options
    for (const { process } of board.all()) {
      if (isDead(process)) await this.#post(process, undefined)
    }
  }

  /** Tells the others what has changed, if anything has. Called every few seconds. */
  tick(): void {
    if (this.#closed || this.#posting !== undefined) return
    const report = this.#report()
    const text = report === undefined ? undefined : JSON.stringify(report)
    if (text === this.#posted) return
    this.#posting = this.#post(this.#options.processId, report)
      .then(done => {
        if (done) this.#posted = text
      })
      .finally(() => {
        this.#posting = undefined
      })
  }

  /** Takes the report back. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#posting
    if (this.#posted !== undefined) await this.#post(this.#options.processId, undefined)
  }

  #report(): ProcessReport | undefined {
    const { availability, chronicle, totals } = this.#options
    const reads = awayReport(availability.reads)
    const writes = awayReport(availability.writes)
    const { operations, bytes } = totals.totals.pending > 0 ? chronicle.rate : { operations: 0, bytes: 0 }
    if (reads === undefined && writes === undefined && operations === 0) return undefined
    return {
      reads,
      writes,
      operationsPerSecond: Math.round(operations * 10) / 10,
      bytesPerSecond: Math.round(bytes),
    }
  }

  /** A ledger that takes no report is told of by whoever needs it for more than that. */
  async #post(process: string, report: ProcessReport | undefined): Promise<boolean> {
    try {
      await this.#options.board.post(process, report)
      return true
    } catch (error) {
      this.#options.logger.debug({ error }, 'The other processes could not be told how this one stands')
      return false
    }
  }
}

function awayReport({ error, openSince }: Breaker): AwayReport | undefined {
  return error === undefined ? undefined : { since: openSince, code: error.code, message: error.message }
}
