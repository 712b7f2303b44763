import { compareUtf8, type Key } from '../../src/core/key.js'
import {
  type CommitOptions,
  type Conflict,
  droppedFiles,
  type Journal,
  type JournalRow,
  type Owner,
  type RowContent,
  type ScanOptions,
} from '../../src/failover/journal.js'

/** The journal in memory: outlives the stores that use it, as the ledger on a disk does. */
export class MemoryJournal implements Journal {
  readonly rows = new Map<Key, JournalRow>()
  /** Content that was committed with rows. */
  readonly held = new Map<string, Buffer>()
  readonly #conflicts = new Map<string, Conflict>()
  readonly #processes = new Set<string>()
  #owner: Owner | undefined
  #suspectedAt = 0
  #revision = 0
  /** Throws instead of committing, where a test sets it. */
  beforeCommit: ((key: Key, next: RowContent | undefined) => void) | undefined
  /** How long a commit is on its way before it is decided, where a test sets it. */
  travel: ((key: Key, next: RowContent | undefined) => Promise<void>) | undefined

  get(key: Key): JournalRow | undefined {
    return this.rows.get(key)
  }

  scan({ prefix = '', after, limit }: ScanOptions): JournalRow[] {
    return [...this.rows.values()]
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || compareUtf8(key, after) > 0))
      .sort((a, b) => compareUtf8(a.key, b.key))
      .slice(0, limit)
  }

  size(): number {
    return this.rows.size
  }

  async commit(
    key: Key,
    seen: JournalRow | undefined,
    next: RowContent | undefined,
    options: CommitOptions = {},
  ): Promise<boolean> {
    this.beforeCommit?.(key, next)
    await (this.travel?.(key, next) ?? Promise.resolve())
    if (this.rows.get(key)?.revision !== seen?.revision) return false
    if (options.epoch !== undefined && this.#owner?.epoch !== options.epoch) return false
    const also = options.also ?? []
    if (also.some(change => this.rows.get(change.key)?.revision !== change.seen?.revision)) return false
    const { content } = options
    for (const file of droppedFiles(seen, next, also)) this.held.delete(file)
    if (content !== undefined) this.held.set(content.file, content.content)
    for (const change of [{ key, next }, ...also]) {
      if (change.next === undefined) this.rows.delete(change.key)
      else {
        const row = { ...change.next, key: change.key, revision: ++this.#revision }
        this.rows.set(change.key, structuredClone(row))
      }
    }
    if (options.conflict !== undefined) this.#conflicts.set(options.conflict.id, options.conflict)
    return true
  }

  owner(): Owner | undefined {
    return this.#owner
  }

  async claim(seen: Owner | undefined, holder: string): Promise<number | undefined> {
    if (seen?.epoch !== this.#owner?.epoch) return undefined
    const epoch = (seen?.epoch ?? 0) + 1
    this.#owner = { epoch, holder, beat: 0 }
    return epoch
  }

  async beat(epoch: number): Promise<boolean> {
    if (this.#owner?.epoch !== epoch) return false
    this.#owner = { ...this.#owner, beat: this.#owner.beat + 1 }
    return true
  }

  async release(epoch: number): Promise<void> {
    if (this.#owner?.epoch === epoch) this.#owner = { epoch: epoch + 1, holder: '', beat: 0 }
  }

  processes(): string[] {
    return [...this.#processes]
  }

  async enter(process: string): Promise<void> {
    this.#processes.add(process)
  }

  async leave(process: string): Promise<void> {
    this.#processes.delete(process)
  }

  suspectedAt(): number {
    return this.#suspectedAt
  }

  async suspect(signedAt: number): Promise<void> {
    this.#suspectedAt = Math.max(this.#suspectedAt, signedAt)
  }

  conflicts(): Conflict[] {
    return [...this.#conflicts.values()]
  }

  conflictCount(): number {
    return this.#conflicts.size
  }

  async addConflict(conflict: Conflict): Promise<void> {
    this.#conflicts.set(conflict.id, conflict)
  }

  async removeConflict(id: string): Promise<void> {
    this.#conflicts.delete(id)
  }
}
