import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { StorageConfig } from '../config.js'
import { StorageError, throwIfAborted } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { isAside, keyOfRow } from '../failover/aside.js'
import { attachedTo, beginDetaching, endDetaching, giveUpDetaching } from '../failover/attachment.js'
import { conflictFile } from '../failover/conflicts.js'
import { removeCopies } from '../failover/disk-cache.js'
import { DiskSpool } from '../failover/disk-spool.js'
import { type Conflict, HELD, type JournaledPut, type JournalRow, rowsOf } from '../failover/journal.js'
import { LedgerJournal } from '../failover/ledger-journal.js'
import { hashOf, openWhole, rotten } from '../failover/spool-bytes.js'
import { ErasureLog } from '../service/erasure/erasure-log.js'
import { openRoot, type Root } from '../stores/local/root.js'
import { LocalStore } from '../stores/local/store.js'

/** What keeps a folder from being detached without more ado. */
export interface Waiting {
  /** Uploads that no bucket was seen to hold, and their bytes. */
  readonly uploads: number
  readonly bytes: number
  /** Deletes that no bucket was seen to have done. */
  readonly deletes: number
  /** Files and deletes that the bucket has, but that a late request could still undo there. */
  readonly settling: number
  /** When no such request can come any more. */
  readonly settledAt?: Date | undefined
  /** Erasures that a bucket still owes. */
  readonly erasures: number
}

/** A key under which the folder and a bucket may differ once they are parted. */
export interface Difference {
  readonly key: string
  /** The endpoint and bucket. */
  readonly target: string
  /**
   * What is here afterwards: the `file` that was acknowledged last, `nothing` for one that was deleted, or a
   * `conflict`: the file is only kept, since a later upload or delete of the key went to another bucket.
   */
  readonly here: 'file' | 'nothing' | 'conflict'
  /** Bytes; of a file. */
  readonly size?: number | undefined
  /** When it was acknowledged. */
  readonly at: Date
  /** What the bucket may hold: something `older`, or (`same`) what is here, unless a late request undoes that. */
  readonly there: 'older' | 'same'
}

/** What a detachment came to. */
export interface DetachReport {
  readonly target: string
  /** Journaled uploads that are files of the folder now. */
  readonly kept: number
  /** Journaled deletes that are done here. */
  readonly deleted: number
  /** Uploads that were kept as conflicts. */
  readonly conflicts: number
  /** Keys of uploads whose bytes were gone or changed: what is left of them is kept as a conflict. */
  readonly damaged: readonly string[]
  /** Erasures that a bucket still owes; each stays noted until it is given up. */
  readonly erasures: number
}

const PAGE = 256
const CONCURRENCY = 16

/**
 * Parts a storage folder from the bucket that it is attached to: it is a store of its own then. What the journal
 * holds stays: an upload becomes a file of the folder, a delete is done there.
 */
export class Detachment {
  readonly #root: Root
  readonly #journal: LedgerJournal
  readonly #bytes: DiskSpool
  readonly #settleWindowMs: number

  private constructor(root: Root, settleWindowMs: number) {
    this.#root = root
    this.#journal = new LedgerJournal(root.ledger)
    this.#bytes = new DiskSpool(root)
    this.#settleWindowMs = settleWindowMs
  }

  /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
  static async open(config: StorageConfig): Promise<Detachment> {
    const { localStoragePath: path, ledgerPath, settleWindowMs } = config
    return new Detachment(await openRoot({ path, ledgerPath, create: false }), settleWindowMs)
  }

  /** The endpoint and bucket that the folder is attached to; undefined if it is a store of its own. */
  get target(): string | undefined {
    return attachedTo(this.#root)
  }

  /** What still waits for a bucket; undefined if nothing does. */
  waiting(): Waiting | undefined {
    const found = { uploads: 0, bytes: 0, deletes: 0, settling: 0, erasures: this.#owedErasures() }
    let settledAt = 0
    for (const { state, agreedAt, unknown } of rowsOf(this.#journal)) {
      if (state === undefined) continue
      if (agreedAt !== undefined) {
        found.settling++
        settledAt = Math.max(settledAt, (unknown?.signedAt ?? 0) + this.#settleWindowMs)
      } else if (state.kind === 'put') {
        found.uploads++
        found.bytes += state.size
      } else found.deletes++
    }
    if (found.uploads + found.deletes + found.settling + found.erasures === 0) return undefined
    return { ...found, ...(found.settling > 0 && { settledAt: new Date(settledAt) }) }
  }

  /** What the folder and the buckets may differ in afterwards, in the order of the journal. */
  *differences(): Generator<Difference> {
    for (const row of rowsOf(this.#journal)) {
      const { state, target, agreedAt } = row
      if (state === undefined) continue
      yield {
        key: keyOfRow(row),
        target,
        here: state.kind === 'delete' ? 'nothing' : this.#isOlder(row) ? 'conflict' : 'file',
        ...(state.kind === 'put' && { size: state.size }),
        at: new Date(state.at),
        there: agreedAt === undefined ? 'older' : 'same',
      }
    }
  }

  /**
   * Detaches the folder. Nobody else may have it open. Broken off at any moment, it is finished by doing it again;
   * until then nobody can open the folder to store in it.
   *
   * @param options `abandon`: also if something waits for a bucket
   * @throws StorageError `UNAVAILABLE` if the folder is in use, or if something waits and `abandon` is not given
   */
  async finish(options: {
    abandon: boolean
    signal?: AbortSignal | undefined
  }): Promise<DetachReport | undefined> {
    const { target } = this
    if (target === undefined) return undefined
    const resumes = await beginDetaching(this.#root)
    // Looked at again, now that nobody can add to it.
    if (!options.abandon && this.waiting() !== undefined) {
      if (!resumes) await giveUpDetaching(this.#root)
      const message = `Something waits for ${target} still; "holdfast spool drain" brings it there.`
      throw new StorageError({ code: 'UNAVAILABLE', op: 'detach', store: 'local', message })
    }
    await removeCopies(this.#root.ownPath)
    const local = await LocalStore.open(this.#root)
    try {
      await local.recovered
      const erasures = this.#owedErasures()
      const report = { target, kept: 0, deleted: 0, conflicts: 0, damaged: [] as string[], erasures }
      const limit = pLimit(CONCURRENCY)
      for (let rows = this.#page(); rows.length > 0; rows = this.#page()) {
        const done = rows.map(row => limit(() => this.#takeOver(local, row, report)))
        const failed = (await Promise.allSettled(done)).find(one => one.status === 'rejected')
        if (failed !== undefined) throw failed.reason
        throwIfAborted(options.signal, 'detach')
      }
      // Copies of what the bucket held are older than what is written here from now on.
      await rm(join(this.#root.ownPath, 'cache'), { recursive: true, force: true })
      await endDetaching(this.#root)
      return report
    } finally {
      await local.close()
    }
  }

  async close(): Promise<void> {
    await this.#root.close()
  }

  #owedErasures(): number {
    const all = new ErasureLog(this.#root.ledger).all()
    return all.filter(({ erasure }) => erasure.target !== undefined && erasure.finishedAt === undefined)
      .length
  }

  /** Makes the folder hold what a row says, then removes its file, then the row: in this order it can be done again. */
  async #takeOver(
    local: LocalStore,
    row: JournalRow,
    report: { kept: number; deleted: number; conflicts: number; damaged: string[] },
  ): Promise<void> {
    const key = keyOfRow(row)
    const { state } = row
    if (state === undefined) return this.#remove(row)
    if (state.kind === 'delete') {
      // One that was set aside is older than what the folder holds.
      if (!this.#isOlder(row)) {
        await local.delete(key)
        report.deleted++
      }
      return this.#remove(row)
    }
    const { writeId, stamp, sha256, at } = state
    const isTaken = !this.#isOlder(row) && (await writeIdOf(local, key)) === writeId
    const content = isTaken ? 'taken' : await this.#contentOf(key, state).catch(ifDamaged)
    if (content === undefined) return this.#giveUpDamaged(local, row, state, report)
    if (this.#isOlder(row)) {
      report.conflicts++
      return this.#remove(row, conflictOf(key, state, await conflictFile(this.#bytes, key, state)))
    }
    if (content !== 'taken') {
      // The folder's own files have none.
      const { storageClass: _, ...attributes } = state.attributes
      await local.take(key, content, { writeId, stamp, sha256, lastModified: at, attributes })
    }
    report.kept++
    await this.#bytes.remove(state.file)
    return this.#remove(row)
  }

  /** Keeps what is left of the bytes, and lets nobody see an older version in the place of what was acknowledged. */
  async #giveUpDamaged(
    local: LocalStore,
    row: JournalRow,
    state: JournaledPut,
    report: { damaged: string[] },
  ): Promise<void> {
    const key = keyOfRow(row)
    if (!this.#isOlder(row)) await local.delete(key)
    report.damaged.push(key)
    const size = state.file.startsWith(HELD) ? undefined : await this.#sizeOf(key, state.file)
    const conflict = { ...conflictOf(key, state, state.file), size: size ?? 0, sha256: undefined }
    await this.#remove(row, size === undefined ? undefined : conflict)
  }

  /** The bytes of a journaled upload, or the file that holds them, known to be those that were acknowledged. @throws `INTEGRITY` */
  async #contentOf(key: Key, state: JournaledPut): Promise<Buffer | { path: string }> {
    const file = await openWhole(this.#bytes, key, state)
    try {
      if ((await hashOf(file)) !== state.sha256) throw rotten(key, 'has other bytes than were acknowledged')
      return state.file.startsWith(HELD)
        ? await file.read(0, state.size)
        : { path: this.#bytes.filePath(state.file) }
    } finally {
      await file.close()
    }
  }

  async #sizeOf(key: Key, name: string): Promise<number | undefined> {
    const file = await this.#bytes.open(name, key).catch(ifDamaged)
    await file?.close()
    return file?.size
  }

  async #remove(row: JournalRow, conflict?: Conflict): Promise<void> {
    await this.#journal.commit(row.key, row, undefined, { conflict })
  }

  /** Whether the key went on in another bucket, so that the row is not what was acknowledged last. */
  #isOlder({ key, target, superseded }: JournalRow): boolean {
    return isAside(key) || (superseded === true && target !== this.target)
  }

  #page(): JournalRow[] {
    return this.#journal.scan({ limit: PAGE })
  }
}

async function writeIdOf(local: LocalStore, key: Key): Promise<string | undefined> {
  try {
    return (await local.head(key)).writeId
  } catch (error) {
    if (StorageError.is(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

function conflictOf(key: Key, { writeId, size, sha256, attributes }: JournaledPut, file: string): Conflict {
  return { id: writeId, key, at: Date.now(), loser: 'ours', file, size, sha256, attributes }
}

function ifDamaged(error: unknown): undefined {
  if (!StorageError.is(error, 'INTEGRITY')) throw error
  return undefined
}
