import { dirname } from 'node:path'
import { ifThere } from './bytes.js'
import { type FileIdentity, type FileStat, systemCode } from './files.js'
import type { VersionedRow } from './ledger.js'
import type { Root } from './root.js'
import type { Garbage, StoredObject, Work } from './row.js'
import { GONE, garbageOf, type Placed, type Settled, toldRow } from './settled.js'
import { Tree } from './tree.js'

/** How long settled rows are gathered before they are committed together. */
const FLUSH_MS = 500
/** Rows settled but not committed, at which committing does not wait. */
const FLUSH_ROWS = 512
/** How long work that failed is left alone before it is tried again. */
const RETRY_MS = 30_000
/** Files synced at a time: not so many that nothing else gets a turn at the disk. */
const SYNCS_TOGETHER = 2
/** Earlier files that a row carries along at most; of more, the oldest one (which a power loss may bring back) and the newest. */
const MAX_GARBAGE = 64

/** What whoever has just committed a row knows of it. */
export interface Committed {
  /** The row, to save reading it. */
  readonly known: VersionedRow
  /** The file of its small content, being written to this process's staging folder. */
  readonly file?: Promise<FileIdentity>
}

/**
 * Does to the files what committed rows ask for: moves the bytes of a new version to their place, removes those
 * of earlier ones. Then it tells the rows, many at a time and not waited for: until a row is told, its file is
 * found wherever it may be, and a crash leaves work that the next process finishes.
 */
export class Placer {
  readonly tree: Tree
  readonly #root: Root
  /** The last settling of each key; what changes a key's path takes turns. */
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #settled = new Map<string, Settled>()
  readonly #failed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #retryTimer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined

  constructor(root: Root) {
    this.#root = root
    this.tree = new Tree(root)
    root.beforeClose(() => this.close())
  }

  /**
   * The work that replaces a row: by whom, and which files are left over from it. Of very many, some are
   * `dropped` from the row; they are to be {@link discard}ed once it is committed.
   */
  workAfter(
    previous: VersionedRow | undefined,
    staged: string | undefined,
  ): { work: Work; dropped: readonly Garbage[] } {
    const work = previous?.row.work
    const keeps = work !== undefined && work.by !== this.#root.processId && !this.#root.isDead(work.by)
    const by = keeps ? work.by : this.#root.processId
    const garbage = garbageOf(previous)
    const dropped = garbage.length > MAX_GARBAGE ? garbage.splice(1, garbage.length - MAX_GARBAGE) : []
    return { work: { by, staged, garbage }, dropped }
  }

  /** Removes files that no row speaks of any more; what cannot be removed is swept at a later start. */
  async discard(garbage: readonly Garbage[]): Promise<void> {
    for (const file of garbage) await this.#remove(file).catch(error => this.#root.diskFailed(error))
  }

  /**
   * Brings the files of a key to what its newest row says, if that is this process's work.
   *
   * @returns where the bytes are; undefined if another process does the work
   */
  settle(key: string, committed?: Committed): Promise<string | undefined> {
    const before = this.#turns.get(key)
    const run = (): Promise<string | undefined> => this.#settle(key, committed)
    const turn = before === undefined ? run() : before.then(run, run)
    this.#turns.set(key, turn)
    const ended = (): void => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    }
    turn.then(ended, () => {
      ended()
      this.#retryLater(key)
    })
    return turn
  }

  /** Where this process has put the file of a row that is not told yet. */
  pathOf(key: string, version: number): string | undefined {
    const settled = this.#settled.get(key)
    return settled?.version === version ? settled.path : undefined
  }

  /** Where the bytes of a row's object may be, the likeliest first. */
  places(key: string, { row, version }: VersionedRow): string[] {
    const { object, work } = row
    if (object === undefined) return []
    const inTree = object.at === 'tree' ? this.tree.path(key) : undefined
    if (work === undefined) return [inTree ?? this.tree.objectPath(object.writeId)]
    const settled = this.pathOf(key, version)
    const found = settled === undefined ? [] : [settled]
    if (inTree !== undefined) found.push(inTree)
    if (work.staged !== undefined) found.push(this.tree.stagedPath(work.staged, object.writeId))
    found.push(this.tree.objectPath(object.writeId))
    return found
  }

  /** Whether so much is waiting to be made durable outside the ledger that whoever brings more should do so himself. */
  get isBehind(): boolean {
    return this.#settled.size >= FLUSH_ROWS
  }

  /** Commits what has been settled, waiting for it. */
  async flush(): Promise<void> {
    while (this.#settled.size > 0 || this.#flushing !== undefined) {
      this.#flushing ??= this.#flush().finally(() => {
        this.#flushing = undefined
      })
      await this.#flushing
    }
  }

  /** Settles and commits what is under way. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    clearTimeout(this.#retryTimer)
    while (this.#turns.size > 0) await Promise.allSettled(this.#turns.values())
    await this.flush().catch(error => this.#root.diskFailed(error))
    clearTimeout(this.#timer)
    clearTimeout(this.#retryTimer)
  }

  async #settle(key: string, committed: Committed | undefined): Promise<string | undefined> {
    // Read now, and not taken from the caller, who may have been overtaken while waiting for its turn.
    for (let found = this.#root.ledger.get(key); ; ) {
      const work = found?.row.work
      if (found === undefined || work === undefined || work.by !== this.#root.processId) {
        await this.#dropFile(committed)
        return undefined
      }
      const before = this.#settled.get(key)
      if (before?.version === found.version) return before.path
      try {
        // Folders of a settling that was overtaken before it was committed still await their sync.
        const touched = before?.touched ?? new Set<string>()
        const file = committed?.known.version === found.version ? committed.file : undefined
        const placed = await this.#work(key, found.row.object, work, before, file, touched)
        this.#settled.set(key, { version: found.version, row: found.row, touched, ...placed })
        this.#flushSoon()
        return placed.path
      } catch (error) {
        // Another process may have replaced the row, and removed the file that was to be moved.
        const again = this.#root.ledger.get(key)
        if (again === undefined || again.version === found.version) throw error
        found = again
      }
    }
  }

  /** Removes the file that was made for a row whose work is another process's. */
  async #dropFile(committed: Committed | undefined): Promise<void> {
    const writeId = committed?.known.row.object?.writeId
    if (committed?.file === undefined || writeId === undefined) return
    await committed.file.catch(() => {})
    this.#root.bytes.letGo(writeId)
    await this.#root.bytes.discard(this.tree.stagedPath(this.#root.processId, writeId))
  }

  async #work(
    key: string,
    object: StoredObject | undefined,
    work: Work,
    before: Settled | undefined,
    file: Promise<FileIdentity> | undefined,
    touched: Set<string>,
  ): Promise<Placed> {
    // Where a key cannot be put, a file of it may lie all the same: one that was adopted in its place.
    const isInTree = this.tree.holds(key) || work.garbage.some(({ at }) => at === 'tree')
    const path = isInTree ? this.tree.path(key) : undefined
    const earlier = work.garbage.filter(({ at }) => at !== 'objects').map(({ identity }) => identity)
    // What this process placed last is not always among the row's: others may have written many times since.
    if (before?.at === 'tree' && before.identity !== undefined) earlier.push(before.identity)
    if (before === undefined && path !== undefined) {
      const stray = await this.#recognise(path, file === undefined ? object : undefined, work)
      if (stray !== undefined) earlier.push(stray)
    }
    // The folders of a settled version are durable; those of one that was just placed may not be.
    const anchored = work.garbage.every(({ at }) => at !== 'any') || (before?.anchored ?? false)
    const placed =
      object === undefined
        ? GONE
        : await this.#place(key, object, work, path, earlier, anchored, file, touched)
    if (placed.at !== 'tree' && path !== undefined && earlier.length > 0) {
      await this.tree.clear(key, path, earlier, touched)
    }
    const removed = new Set(before?.row.work?.garbage.map(({ writeId }) => writeId))
    for (const garbage of work.garbage) {
      // A write that was repeated under its own id has the name of what it replaced.
      if (removed.has(garbage.writeId) || garbage.writeId === object?.writeId) continue
      for (const folder of await this.#remove(garbage)) touched.add(folder)
    }
    return placed
  }

  /**
   * The file that a process which ended had made of bytes in the ledger, and placed: its identity was known to that
   * process alone, so it is known by its bytes. One that lost them all to a power loss is known by having none.
   */
  async #recognise(
    path: string,
    object: StoredObject | undefined,
    work: Work,
  ): Promise<FileStat | undefined> {
    const ids = work.garbage.filter(({ inline }) => inline === true).map(({ writeId }) => writeId)
    if (work.inline === true && object !== undefined) ids.push(object.writeId)
    if (ids.length === 0) return undefined
    return this.tree.findBytes(
      path,
      ids.map(id => this.#root.ledger.bytesOf(id)),
    )
  }

  async #place(
    key: string,
    object: StoredObject,
    work: Work,
    path: string | undefined,
    earlier: readonly FileIdentity[],
    anchored: boolean,
    file: Promise<FileIdentity> | undefined,
    touched: Set<string>,
  ): Promise<Placed> {
    const { tree } = this
    const objectPath = tree.objectPath(object.writeId)
    const staged = work.inline === true ? this.#root.processId : work.staged
    const from = staged === undefined ? objectPath : tree.stagedPath(staged, object.writeId)
    const identity = work.inline === true ? await this.#makeFile(from, object, file) : object.identity
    let isAnchored = anchored && earlier.length > 0
    const anchor = async (folder: string): Promise<void> => {
      if (isAnchored) return
      for (let at = folder; at.length > this.#root.path.length; ) {
        at = dirname(at)
        await this.#root.bytes.syncFolder(at)
      }
      isAnchored = true
    }
    if (object.at === 'tree' && path !== undefined && tree.holds(key)) {
      try {
        if (await tree.place(key, path, from, identity, earlier, anchor, touched)) {
          // Another that a process which ended had made of the same bytes.
          if (work.inline === true && file === undefined) await ifThere(this.#root.files.unlink(objectPath))
          return { at: 'tree', path, identity, anchored: isAnchored, leftover: from }
        }
      } catch (error) {
        this.#root.diskFailed(error)
        this.#root.logger.warn({ key, error }, 'A file could not be put at its place in the tree.')
      }
    }
    await tree.store(from, object.writeId, touched)
    return { at: 'objects', path: objectPath, identity, anchored: false, leftover: undefined }
  }

  /** The file of bytes that are in the ledger, under the name that it is moved from. */
  async #makeFile(
    path: string,
    { writeId }: StoredObject,
    file: Promise<FileIdentity> | undefined,
  ): Promise<FileIdentity> {
    const { bytes, files, ledger } = this.#root
    let made = await file?.catch(() => undefined)
    if (made === undefined) {
      await ifThere(files.unlink(path))
      made = await bytes.writeUnsynced(path, ledger.bytesOf(writeId), writeId)
    }
    return this.#root.identityOf(made)
  }

  /** Removes the names that a file has by its write id. @returns the folders it was removed from */
  async #remove({ at, writeId, staged, inline }: Garbage): Promise<string[]> {
    const { bytes, files } = this.#root
    const touched: string[] = []
    bytes.letGo(writeId)
    if (at !== 'tree') {
      const path = this.tree.objectPath(writeId)
      if (await ifThere(files.unlink(path))) touched.push(dirname(path))
    }
    // Files of bytes in the ledger are made by whoever does the work.
    const owner = inline === true ? this.#root.processId : staged
    if (at === 'any' && owner !== undefined) {
      await ifThere(files.unlink(this.tree.stagedPath(owner, writeId)))
    }
    return touched
  }

  #flushSoon(): void {
    if (this.#settled.size >= FLUSH_ROWS) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.#flushNow()
    } else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#flushNow()
      }, FLUSH_MS)
      this.#timer.unref()
    }
  }

  #flushNow(): void {
    // A failure is the next start's work; what the disk had to say is noted.
    this.flush().catch(error => this.#root.diskFailed(error))
  }

  /** Makes a folder's names durable; where it is gone, that it is. */
  async #syncFolder(folder: string): Promise<void> {
    for (let at = folder; at.length >= this.#root.path.length; at = dirname(at)) {
      try {
        await this.#root.bytes.syncFolder(at)
        return
      } catch (error) {
        const code = systemCode(error)
        if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
      }
    }
  }

  /** Makes durable what is settled, then tells the rows. */
  async #flush(): Promise<void> {
    const all = [...this.#settled].slice(0, FLUSH_ROWS)
    try {
      const batch = await this.#syncFiles(all)
      const folders = new Set<string>()
      for (const [, { touched }] of batch) for (const folder of touched) folders.add(folder)
      for (const folder of folders) await this.#syncFolder(folder)
      const { files, ledger } = this.#root
      for (const [, { leftover }] of batch) if (leftover !== undefined) await ifThere(files.unlink(leftover))
      const told = await ledger.writeAll(batch.map(([key, settled]) => toldRow(key, settled)))
      if (ledger.unfolded > 0) await ledger.foldUsage()
      for (const [i, [key, settled]] of batch.entries()) {
        if (this.#settled.get(key) === settled) this.#settled.delete(key)
        // Overtaken: by a write of this process, which settles by itself, or of another, which leaves it to us.
        if (told[i] !== true) this.settle(key).catch(error => this.#root.diskFailed(error))
      }
    } catch (error) {
      for (const [key, settled] of all) if (this.#settled.get(key) === settled) this.#forget(key)
      throw error
    }
  }

  /**
   * Syncs the files whose bytes are in the ledger still. One that cannot be synced is given up, for the system may
   * have dropped what it could not write: its bytes are made a new file later.
   *
   * @returns what may be told
   */
  async #syncFiles(all: readonly [string, Settled][]): Promise<[string, Settled][]> {
    const batch: [string, Settled][] = []
    let next = 0
    const work = async (): Promise<void> => {
      for (let entry = all[next++]; entry !== undefined; entry = all[next++]) {
        const [key, { row, path, leftover }] = entry
        try {
          if (row.work?.inline === true) await this.#syncFile(row.object?.writeId, leftover, path)
          batch.push(entry)
        } catch (error) {
          this.#root.diskFailed(error)
          if (this.#settled.get(key) === entry[1]) this.#forget(key)
        }
      }
    }
    await Promise.all(Array.from({ length: SYNCS_TOGETHER }, work))
    return batch
  }

  /** Syncs a file by its second name, which nobody else touches, or by the only one it has. */
  async #syncFile(
    writeId: string | undefined,
    leftover: string | undefined,
    path: string | undefined,
  ): Promise<void> {
    const { bytes } = this.#root
    if (writeId === undefined) return
    if (leftover !== undefined && (await ifThere(bytes.sync(leftover, writeId)))) return
    if (path !== undefined) await bytes.sync(path, writeId)
  }

  /** Leaves a row's work to be done anew. */
  #forget(key: string): void {
    this.#settled.delete(key)
    this.#retryLater(key)
  }

  #retryLater(key: string): void {
    this.#failed.add(key)
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      const keys = [...this.#failed]
      this.#failed.clear()
      for (const again of keys) this.settle(again).catch(error => this.#root.diskFailed(error))
    }, RETRY_MS).unref()
  }
}
