import type { StorageConfig } from '../config.js'
import type { Original } from '../core/compression.js'
import { StorageError, shown } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { openSource, readChunks } from '../core/source.js'
import { keyOfRow } from '../failover/aside.js'
import { DiskSpool } from '../failover/disk-spool.js'
import { type Conflict, contentOf, type JournalRow, rowsOf } from '../failover/journal.js'
import { LedgerJournal } from '../failover/ledger-journal.js'
import type { Storage, UploadOptions, UploadResult } from '../storage.js'
import { openRoot, type Root } from '../stores/local/root.js'
import { decode } from '../transforms/decode.js'

/** An entry of the spool as people see it. */
export interface SpoolEntry {
  readonly key: string
  /** `doubt`: nothing is kept, but a request whose outcome nobody knows may still land. */
  readonly kind: 'put' | 'delete' | 'doubt'
  /**
   * `pending`: to be brought to the object store. `settling`: it is there, and kept until no late request can
   * undo it. `parked`: refused or damaged; it waits for a person, and is tried hourly.
   */
  readonly state: 'pending' | 'settling' | 'parked'
  /** Bytes; of a put. */
  readonly size?: number
  /** When it was acknowledged. */
  readonly at?: Date
  /** The endpoint and bucket that it is for. */
  readonly target: string
  /** Why it is parked. */
  readonly problem?: { readonly code: string; readonly message: string }
  /** The file in which the bytes lie; absent for small ones, which lie in the ledger. */
  readonly path?: string
}

/** A file of which two versions exist. */
export interface SpoolConflict {
  readonly id: string
  readonly key: string
  readonly at: Date
  /** Whose version lost and is kept here: this host's own, or that of somebody else. */
  readonly loser: 'ours' | 'theirs'
  readonly size: number
  readonly path: string
}

const PIECE_BYTES = 256 * 1024

/** What the storage folder keeps for the object store. Safe beside processes that use the folder. */
export class Spool {
  readonly #root: Root
  readonly #journal: LedgerJournal
  readonly #bytes: DiskSpool

  private constructor(root: Root) {
    this.#root = root
    this.#journal = new LedgerJournal(root.ledger)
    this.#bytes = new DiskSpool(root)
  }

  /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
  static async open(config: StorageConfig): Promise<Spool> {
    const { localStoragePath: path, ledgerPath } = config
    return new Spool(await openRoot({ path, ledgerPath, create: false }))
  }

  /** Every entry, in the order of the keys. */
  *entries(): Generator<SpoolEntry> {
    for (const row of rowsOf(this.#journal)) yield this.#entryOf(row)
  }

  /**
   * Has parked entries tried again: these, or all. The process that replicates takes them up within half a minute.
   *
   * @returns the keys of the entries that were parked
   * @throws StorageError `NOT_FOUND` for a key that has no parked entry
   */
  async retry(keys: readonly string[]): Promise<string[]> {
    const retried: string[] = []
    for (const row of keys.length === 0 ? rowsOf(this.#journal) : keys.map(key => this.#parked(key))) {
      if (row.parked === undefined) continue
      const { parked, ...content } = contentOf(row)
      // Who has changed the row meanwhile has given it another try.
      await this.#journal.commit(row.key, row, content)
      retried.push(keyOfRow(row))
    }
    return retried
  }

  conflicts(): SpoolConflict[] {
    return this.#journal.conflicts().map(conflict => ({
      id: conflict.id,
      key: conflict.key,
      at: new Date(conflict.at),
      loser: conflict.loser,
      size: conflict.size,
      path: this.#bytes.filePath(conflict.file),
    }))
  }

  /**
   * Ends a conflict: the version that is in the object store stays, or the kept one is stored anew over it. The kept
   * bytes are removed.
   *
   * @returns the upload's result where the kept version was stored
   * @throws StorageError `NOT_FOUND` for an id that there is not, and what `uploadFile` throws: then the conflict stays
   */
  async resolve(id: string, keep: 'current' | 'kept', storage: Storage): Promise<UploadResult | undefined> {
    const conflict = this.#journal.conflicts().find(other => other.id === id)
    if (conflict === undefined) throw missing(`There is no conflict ${shown(id)}.`)
    const result = keep === 'kept' ? await this.#store(conflict, storage) : undefined
    await this.#journal.removeConflict(id)
    await this.#bytes.remove(conflict.file)
    return result
  }

  async close(): Promise<void> {
    await this.#root.close()
  }

  #store(conflict: Conflict, storage: Storage): Promise<UploadResult> {
    const { key, file, size, sha256, attributes } = conflict
    const content = { path: this.#bytes.filePath(file) }
    // What a person has decided to keep does not vanish by itself any more.
    const { original, contentEncoding, expiresAt, ...carried } = attributes
    return original === undefined
      ? storage.uploadFile(content, key, { ...carried, contentEncoding, size, sha256 })
      : this.#storeDecoded(
          storage,
          content,
          key,
          { ...carried, size: original.size, sha256: original.sha256 },
          original,
        )
  }

  /** What was compressed is compressed anew, by the storage itself. */
  async #storeDecoded(
    storage: Storage,
    content: { path: string },
    key: Key,
    options: UploadOptions,
    original: Original,
  ): Promise<UploadResult> {
    const stored = await openSource(content)
    try {
      const bytes = decode(readChunks(stored, PIECE_BYTES), original, { key })
      return await storage.uploadFile(bytes, key, { ...options, compress: original.encoding })
    } finally {
      await stored.close()
    }
  }

  #parked(key: string): JournalRow {
    const row = this.#journal.get(key as Key)
    if (row?.parked === undefined) throw missing(`There is no parked entry ${shown(key)}.`)
    return row
  }

  #entryOf(row: JournalRow): SpoolEntry {
    const { target, state, agreedAt, parked } = row
    const isSettling = state === undefined || agreedAt !== undefined
    const path = state?.kind === 'put' ? this.#bytes.pathOf(state.file) : undefined
    return {
      key: keyOfRow(row),
      kind: state?.kind ?? 'doubt',
      state: parked !== undefined ? 'parked' : isSettling ? 'settling' : 'pending',
      target,
      ...(state !== undefined && { at: new Date(state.at) }),
      ...(state?.kind === 'put' && { size: state.size }),
      ...(path !== undefined && { path }),
      ...(parked !== undefined && { problem: { code: parked.code, message: parked.message } }),
    }
  }
}

function missing(message: string): StorageError {
  return new StorageError({ code: 'NOT_FOUND', op: 'spool', message })
}
