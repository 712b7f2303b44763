import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import pLimit from 'p-limit'
import type { StorageConfig } from '../config.js'
import type { Key } from '../core/key.js'
import type { Logger } from '../core/logger.js'
import type { Source } from '../core/source.js'
import { newWriteId } from '../core/write-id.js'
import { DiskSpool } from '../failover/disk-spool.js'
import { LedgerJournal } from '../failover/ledger-journal.js'
import { rotten, spooledSource } from '../failover/spool-bytes.js'
import { sweepSpoolInBackground } from '../failover/spool-sweep.js'
import type { QuarantinedFile } from '../inspection.js'
import { isInDoubt } from '../stores/local/commit-error.js'
import {
  diskBytes,
  type QuarantineRow,
  type QuarantineSum,
  QuarantineTable,
  type VersionedQuarantineRow,
} from '../stores/local/quarantine-table.js'
import type { Root } from '../stores/local/root.js'
import type { BareBackend, OpenOptions } from './backend.js'

/** What a file is kept with. */
export type Held = Pick<QuarantineRow, 'key' | 'reason' | 'attributes' | 'compress' | 'condition'>

type Release = NonNullable<QuarantineRow['release']>

export interface QuarantineSettings {
  /** Of the disk. */
  readonly maxBytes: number
  /** How long files are kept: milliseconds; undefined for ever. */
  readonly maxAgeMs: number | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const PAGE = 256
/** What the names of its files begin with: a person who finds one is to know what it is. */
const FILE_START = 'quarantine-'

/**
 * Files that nobody is to read, in a storage folder: their bytes in `.holdfast/objects`, durable before a row of the
 * ledger names them; and the row gone before nobody could tell what they are. No process is needed to finish what
 * another began: a file without a row is swept with the other uploads that a crash cut off, and a row that says that
 * it is going is removed by whoever looks next.
 */
export class QuarantineStore {
  readonly settings: QuarantineSettings
  readonly #root: Root
  readonly #table: QuarantineTable
  readonly #bytes: DiskSpool
  readonly #logger: Logger
  /** One at a time: so a limit is not exceeded by all that come at once. */
  readonly #keeping = pLimit(1)

  private constructor(root: Root, settings: QuarantineSettings, logger: Logger) {
    this.settings = settings
    this.#root = root
    this.#table = new QuarantineTable(root.ledger)
    this.#bytes = new DiskSpool(root)
    this.#logger = logger
  }

  /** The quarantine of an opened folder. */
  static async open(root: Root, settings: QuarantineSettings, logger: Logger): Promise<QuarantineStore> {
    const opened = new QuarantineStore(root, settings, logger)
    const { dead } = await root.claims.read(id => root.isDead(id))
    if (dead.size > 0) sweepSpoolInBackground(root, new LedgerJournal(root.ledger))
    return opened
  }

  /** What is in it. */
  sum(): QuarantineSum {
    return this.#table.sum()
  }

  /**
   * Keeps content, durably.
   *
   * @returns its id; undefined if there is no room
   * @throws StorageError `NO_SPACE` where the disk is full, and what the source throws
   */
  keep(held: Held, source: Source, sha256: string, signal?: AbortSignal): Promise<string | undefined> {
    return this.#keeping(async () => {
      const { maxBytes, now } = this.settings
      if (this.sum().bytes + diskBytes(source.size ?? 0) > maxBytes) return undefined
      // In the order of their coming, so that they are listed so.
      const id = `${now().toString(36).padStart(9, '0')}-${randomBytes(6).toString('hex')}`
      const { file, size } = await this.#bytes.write(FILE_START + id, source, {
        key: held.key as Key,
        sha256,
        signal,
      })
      let isKept = false
      try {
        isKept = await this.#table.add(id, { ...held, at: now(), file, size, sha256 }, maxBytes)
      } catch (error) {
        isKept = isInDoubt(error)
        throw error
      } finally {
        if (!isKept) await this.#bytes.remove(file)
      }
      return isKept ? id : undefined
    })
  }

  /** A file; undefined if there is none of this id. */
  get(id: string): VersionedQuarantineRow | undefined {
    const found = this.#table.get(id)
    return found?.row.going === true ? undefined : found
  }

  /** Every file, in the order of their coming. */
  *all(): Generator<VersionedQuarantineRow, void, void> {
    for (const found of this.#rows()) if (found.row.going !== true) yield found
  }

  /** The bytes of a file. The caller closes them. @throws StorageError `INTEGRITY` if they are gone, or others in length */
  async open({ key, file, size }: QuarantineRow): Promise<Source> {
    const opened = await this.#bytes.open(file, key as Key)
    if (opened.size === size) return spooledSource(opened)
    await opened.close()
    throw rotten(key as Key, `has ${opened.size} bytes, and ${size} came`)
  }

  /**
   * Notes under which write a file is being released, so that whoever does it once more knows of the first time.
   *
   * @returns what is noted by now; undefined if the file is gone
   */
  async beginRelease(id: string): Promise<Release | undefined> {
    for (;;) {
      const found = this.get(id)
      if (found === undefined) return undefined
      const { row } = found
      if (row.release !== undefined && !this.#isPast(row.release)) return row.release
      const { expiresAt } = row.attributes
      // What it was given to last counts from now on.
      const release = releaseOf(
        expiresAt === undefined ? undefined : this.settings.now() + expiresAt - row.at,
      )
      if (await this.#table.replace(found, { ...row, release })) return release
    }
  }

  #isPast({ expiresAt }: Release): boolean {
    return expiresAt !== undefined && expiresAt <= this.settings.now()
  }

  /** Removes a file. @returns whether it was there */
  async remove(id: string): Promise<boolean> {
    for (;;) {
      const found = this.get(id)
      if (found === undefined) return false
      if (!(await this.#table.replace(found, { ...found.row, going: true }))) continue
      await this.#finish(id, found.row)
      return true
    }
  }

  /** Finishes what others left in the middle of its removal. */
  async *finishGoing(): AsyncGenerator<VersionedQuarantineRow, void, void> {
    for (const found of this.#rows()) {
      if (found.row.going !== true) continue
      await this.#finish(found.id, found.row)
      yield found
    }
  }

  /** Removes what is old enough, and finishes what others left in the middle. @returns how many files went by their age */
  async sweep(signal?: AbortSignal): Promise<number> {
    const { maxAgeMs, now } = this.settings
    const before = maxAgeMs === undefined ? Number.NEGATIVE_INFINITY : now() - maxAgeMs
    let removed = 0
    for await (const _ of this.finishGoing()) if (signal?.aborted) break
    for (const { id, row } of this.all()) {
      if (signal?.aborted) break
      if (row.at <= before && (await this.remove(id))) removed++
    }
    if (removed > 0)
      this.#logger.info({ count: removed }, 'Files were in quarantine for long enough and are removed')
    return removed
  }

  /** A file as users see it. */
  seen({ id, row }: VersionedQuarantineRow): QuarantinedFile {
    const { key, reason, at, size, sha256, attributes, file } = row
    const { contentType, fileName, metadata } = attributes
    const { maxAgeMs } = this.settings
    return {
      id,
      key,
      ...(reason !== undefined && { reason }),
      at: new Date(at),
      ...(maxAgeMs !== undefined && { removedAt: new Date(at + maxAgeMs) }),
      size,
      sha256,
      contentType,
      ...(fileName !== undefined && { fileName }),
      metadata,
      path: this.#bytes.filePath(file),
    }
  }

  async #finish(id: string, { file }: QuarantineRow): Promise<void> {
    await this.#bytes.remove(file)
    // No power loss brings the file back once nothing names it.
    await this.#root.bytes.syncFolder(dirname(this.#bytes.filePath(file)))
    await this.#table.remove(id)
  }

  /** Every row, a page as of one moment. */
  *#rows(): Generator<VersionedQuarantineRow, void, void> {
    for (let after: string | undefined; ; ) {
      const page = this.#table.page(after, PAGE)
      yield* page
      after = page.at(-1)?.id
      if (page.length < PAGE) return
    }
  }
}

const DAY_MS = 86_400_000

function releaseOf(expiresAt: number | undefined): Release {
  const writeId = newWriteId(expiresAt)
  return expiresAt === undefined ? { writeId } : { writeId, expiresAt }
}

/** The backend with the quarantine of its storage folder, which is opened when it is first asked for. */
export function withQuarantine(
  backend: BareBackend,
  { quarantineMaxBytes: maxBytes, quarantineDays }: StorageConfig,
  { logger, now }: Pick<OpenOptions, 'logger' | 'now'>,
): BareBackend {
  const { root, folder = async () => root } = backend
  const maxAgeMs = quarantineDays === 0 ? undefined : quarantineDays * DAY_MS
  let opened: Promise<QuarantineStore> | undefined
  return {
    ...backend,
    quarantine: async create => {
      const found = await folder(create)
      if (found === undefined) return undefined
      opened ??= QuarantineStore.open(found, { maxBytes, maxAgeMs, now }, logger).catch(error => {
        opened = undefined
        throw error
      })
      return opened
    },
  }
}
