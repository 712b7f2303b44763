import { DiskSpool } from '../../src/failover/disk-spool.js'
import { LedgerJournal } from '../../src/failover/ledger-journal.js'
import { type Failover, type FailoverOptions, openFailover } from '../../src/failover/open.js'
import type { Root } from '../../src/stores/local/root.js'
import { LocalStore } from '../../src/stores/local/store.js'
import { WINDOW_MS } from './failover-bench.js'
import type { FaultyPrimary } from './faulty-primary.js'
import { memorySpill } from './memory-spool.js'

/** A storage folder as the net under a primary in memory; its replication is run by hand. */
export class OpenedFolder {
  readonly root: Root
  readonly local: LocalStore
  readonly journal: LedgerJournal
  readonly spool: DiskSpool
  readonly failover: Failover

  private constructor(root: Root, local: LocalStore, failover: Failover) {
    this.root = root
    this.local = local
    this.failover = failover
    this.journal = failover.context.journal as LedgerJournal
    this.spool = failover.context.bytes as DiskSpool
  }

  static async open(
    root: Root,
    primary: FaultyPrimary,
    more: Partial<FailoverOptions> = {},
  ): Promise<OpenedFolder> {
    const local = await LocalStore.open(root)
    await local.adopted
    await local.recovered
    await root.placer.flush()
    primary.clock = root.clock
    const failover = await openFailover({
      primary,
      journal: new LedgerJournal(root.ledger),
      bytes: new DiskSpool(root),
      clock: root.clock,
      openSpill: memorySpill,
      legacy: { store: local, holds: key => root.ledger.get(key)?.row.object !== undefined },
      relieve: () => root.ballast.release(),
      processId: `${root.processId}/1`,
      isDead: id => root.isDead(id.slice(0, id.lastIndexOf('/'))),
      // What a power loss has stopped never speaks again.
      firstAnswerMs: 2 ** 31 - 1,
      settleWindowMs: WINDOW_MS,
      settleQuietMs: 0,
      backoffMs: 0,
      probeIntervalMs: 3_600_000,
      background: false,
      ...more,
    })
    return new OpenedFolder(root, local, failover)
  }

  get store(): Failover['store'] {
    return this.failover.store
  }

  /** Everything that is due is done. */
  async drain(): Promise<void> {
    this.failover.replicator.wakeAll()
    await this.failover.replicator.work()
  }

  async close(): Promise<void> {
    await this.failover.store.close()
    await this.local.close()
    await this.root.close()
  }
}
