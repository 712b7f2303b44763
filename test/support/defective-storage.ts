import type { StorageConfig } from '../../src/config.js'
import { parseAttributes } from '../../src/core/attributes.js'
import { StorageError } from '../../src/core/errors.js'
import type { Key } from '../../src/core/key.js'
import { openSource, type Source } from '../../src/core/source.js'
import { DiskSpool, openSpill } from '../../src/failover/disk-spool.js'
import type { CommitOptions, JournalRow, RowContent } from '../../src/failover/journal.js'
import { LedgerJournal } from '../../src/failover/ledger-journal.js'
import { type Failover, openFailover } from '../../src/failover/open.js'
import { s3Primary } from '../../src/failover/s3-primary.js'
import type { Held, Spooled, SpoolWriteOptions } from '../../src/failover/spool-bytes.js'
import type { Scratch } from '../../src/operations/drill/scratch.js'
import { makeS3Store } from '../../src/service/s3-backend.js'
import { StorageService } from '../../src/service.js'
import type { StorageStatus } from '../../src/storage.js'
import { openRoot, type Root } from '../../src/stores/local/root.js'

/** Defects that a storage can be given, to see whether the checks notice. */
export type Defect =
  | 'none'
  | 'drop a journal entry'
  | 'lose a tombstone'
  | 'replay out of order'
  | 'serve a partial file'
  | 'NOT_FOUND in an outage'

/** One in so many is treated wrongly. */
const EVERY = 3

/** A journal that forgets what it is told, or lets older versions follow the newest. */
class DefectiveJournal extends LedgerJournal {
  readonly #defect: Defect
  readonly #replayOlder: (key: Key) => Promise<void>
  #counted = 0

  constructor(root: Root, defect: Defect, replayOlder: (key: Key) => Promise<void>) {
    super(root.ledger)
    this.#defect = defect
    this.#replayOlder = replayOlder
  }

  override async commit(
    key: Key,
    seen: JournalRow | undefined,
    next: RowContent | undefined,
    options: CommitOptions = {},
  ): Promise<boolean> {
    const isAcknowledgement = options.epoch === undefined && next?.agreedAt === undefined
    const kind = isAcknowledgement ? next?.state?.kind : undefined
    const forgets =
      (this.#defect === 'drop a journal entry' && kind === 'put') ||
      (this.#defect === 'lose a tombstone' && kind === 'delete')
    if (forgets && ++this.#counted % EVERY === 0) return true
    const done = await super.commit(key, seen, next, options)
    const isReplicated = options.epoch !== undefined && next?.state === undefined
    if (done && isReplicated && this.#defect === 'replay out of order') await this.#replayOlder(key)
    return done
  }
}

/** A spool that remembers what it was given. */
class RememberingSpool extends DiskSpool {
  readonly versions = new Map<Key, Buffer[]>()

  override async write(id: string, source: Source, options: SpoolWriteOptions): Promise<Spooled> {
    const written = await super.write(id, source, options)
    const file = await this.open(written.file, options.key)
    this.#remember(options.key, await file.read(0, file.size))
    await file.close()
    return written
  }

  override async hold(source: Source, options: SpoolWriteOptions): Promise<Held | undefined> {
    const held = await super.hold(source, options)
    if (held !== undefined) this.#remember(options.key, Buffer.from(held.content))
    return held
  }

  #remember(key: Key, version: Buffer): void {
    this.versions.set(key, [...(this.versions.get(key) ?? []), version])
  }
}

/** The storage as users hold it, over failover with a defect: put together as the service does it. */
export class DefectiveStorage extends StorageService {
  readonly #failover: Failover
  readonly #root: Root
  readonly #defect: Defect

  private constructor(config: StorageConfig, failover: Failover, root: Root, defect: Defect) {
    super({ config, store: failover.store })
    this.#failover = failover
    this.#root = root
    this.#defect = defect
  }

  static async open(config: StorageConfig, { logger }: Scratch, defect: Defect): Promise<DefectiveStorage> {
    const root = await openRoot({ path: config.localStoragePath, create: true, logger })
    const s3 = makeS3Store('s3', config, logger, { stamps: root.clock })
    const bytes = new RememberingSpool(root)
    const journal = new DefectiveJournal(root, defect, async key => {
      const older = bytes.versions.get(key)?.at(-2)
      bytes.versions.delete(key)
      if (older === undefined) return
      const attributes = parseAttributes({ contentType: 'application/octet-stream' })
      await s3.put(key, await openSource(older), { attributes })
    })
    const failover = await openFailover({
      primary: s3Primary(s3, config.objectStorageEndpoint ?? ''),
      journal,
      bytes,
      clock: root.clock,
      openSpill: () => openSpill(root),
      processId: root.processId,
      isDead: id => root.isDead(id),
      logger,
      firstAnswerMs: config.objectStorageFirstByteTimeoutMs,
      settleWindowMs: config.settleWindowMs,
      probeIntervalMs: config.probeIntervalMs,
    })
    return new DefectiveStorage(config, failover, root, defect)
  }

  override async downloadFile(...args: Parameters<StorageService['downloadFile']>): Promise<Buffer | null> {
    try {
      const bytes = await super.downloadFile(...args)
      const cuts = this.#defect === 'serve a partial file' && this.#pending > 0
      return cuts ? (bytes?.subarray(0, bytes.length >> 1) ?? null) : bytes
    } catch (error) {
      if (this.#defect === 'NOT_FOUND in an outage' && StorageError.is(error, 'UNAVAILABLE')) return null
      throw error
    }
  }

  override getStatus(): StorageStatus {
    const { pending, settling } = this.#failover.context.totals.totals
    return { ...super.getStatus(), pending, settling }
  }

  override async close(): Promise<{ pending: number }> {
    const left = await super.close()
    await this.#root.close()
    return left
  }

  get #pending(): number {
    return this.#failover.context.totals.totals.pending
  }
}
