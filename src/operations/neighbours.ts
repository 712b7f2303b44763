import type { StorageConfig } from '../config.js'
import type { ErrorCode } from '../core/errors.js'
import { type AwayReport, LedgerReportBoard, type ReportBoard } from '../failover/reports.js'
import { openRoot, type Root } from '../stores/local/root.js'

/** Why another process does not reach the object store, and since when. */
export interface NeighbourAway {
  readonly since: Date
  readonly code: ErrorCode
  readonly message: string
}

/** Another process that uses the storage folder, such as a server, and that has something to tell. */
export interface Neighbour {
  readonly pid: number
  /** Absent while the object store takes its reads, or writes. */
  readonly reads?: NeighbourAway
  readonly writes?: NeighbourAway
  /** How fast it brings what waits to the object store. */
  readonly operationsPerSecond: number
  readonly bytesPerSecond: number
}

/**
 * The other processes of a storage folder, as they said last: each knows alone whether it reaches the object store.
 * They tell within some seconds of a change; who says nothing is well.
 */
export class Neighbours {
  readonly #root: Root
  readonly #board: ReportBoard

  private constructor(root: Root) {
    this.#root = root
    this.#board = new LedgerReportBoard(root.ledger)
  }

  /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
  static async open(config: StorageConfig): Promise<Neighbours> {
    const { localStoragePath: path, ledgerPath } = config
    return new Neighbours(await openRoot({ path, ledgerPath, create: false }))
  }

  /** Those that live and have something to tell. */
  all(): Neighbour[] {
    const found: Neighbour[] = []
    for (const { process, report } of this.#board.all()) {
      const opening = process.slice(0, process.lastIndexOf('/'))
      if (opening === this.#root.processId || this.#root.isDead(opening)) continue
      const { reads, writes, operationsPerSecond, bytesPerSecond } = report
      found.push({
        pid: Number(opening.split('.')[2]),
        ...(reads !== undefined && { reads: awayOf(reads) }),
        ...(writes !== undefined && { writes: awayOf(writes) }),
        operationsPerSecond,
        bytesPerSecond,
      })
    }
    return found
  }

  async close(): Promise<void> {
    await this.#root.close()
  }
}

function awayOf({ since, code, message }: AwayReport): NeighbourAway {
  return { since: new Date(since), code, message }
}
