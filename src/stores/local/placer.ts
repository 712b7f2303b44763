import { dirname } from 'node:path'
import { ifThere } from './bytes.js'
import { systemCode } from './files.js'
import type { VersionedRow } from './ledger.js'
import type { Root } from './root.js'
import type { Garbage, Row, StoredObject, Work } from './row.js'
import { Tree } from './tree.js'

/** How long settled rows are gathered before they are committed together. */
const FLUSH_MS = 500
/** Rows settled but not committed, at which committing does not wait. */
const FLUSH_ROWS = 512
/** Earlier files that a row carries along at most; of more, the oldest one (which a power loss may bring back) and the newest. */
const MAX_GARBAGE = 64

/** Where the files of a row are, as far as this process has seen to it. */
interface Settled {
  readonly version: number
  readonly row: Row
  readonly at: 'tree' | 'objects' | undefined
  readonly path: string | undefined
  /** Folders whose names must be durable before the row may say so. */
  readonly touched: Set<string>
  /** Whether the folders that the path leads through are known to be durable. */
  readonly anchored: boolean
  /** A second name of the file, to be removed when the one in its place is durable. */
  readonly leftover: string | undefined
}

type Placed = Pick<Settled, 'at' | 'path' | 'anchored' | 'leftover'>
const GONE: Placed = { at: undefined, path: undefined, anchored: false, leftover: undefined }

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
  #timer: NodeJS.Timeout | undefined
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
   * @param known the row just committed, to save reading it
   * @returns where the bytes are, if they were found; undefined if another process does the work
   */
  settle(key: string, known?: VersionedRow): Promise<string | undefined> {
    const before = this.#turns.get(key)
    const turn =
      before === undefined
        ? this.#settle(key, known)
        : before.then(
            () => this.#settle(key, undefined),
            () => this.#settle(key, undefined),
          )
    this.#turns.set(key, turn)
    const ended = (): void => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key)
    }
    turn.then(ended, ended)
    return turn
  }

  /** Where the bytes of a row's object may be, the likeliest first. */
  places(key: string, { row, version }: VersionedRow): string[] {
    const { object, work } = row
    if (object === undefined) return []
    const inTree = object.at === 'tree' ? this.tree.path(key) : undefined
    if (work === undefined) return [inTree ?? this.tree.objectPath(object.writeId)]
    const settled = this.#settled.get(key)
    const found = settled?.version === version && settled.path !== undefined ? [settled.path] : []
    if (inTree !== undefined) found.push(inTree)
    if (work.staged !== undefined) found.push(this.tree.stagedPath(work.staged, object.writeId))
    found.push(this.tree.objectPath(object.writeId))
    return found
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
    while (this.#turns.size > 0) await Promise.allSettled(this.#turns.values())
    await this.flush().catch(error => this.#root.diskFailed(error))
    clearTimeout(this.#timer)
  }

  async #settle(key: string, known: VersionedRow | undefined): Promise<string | undefined> {
    for (let found = known ?? this.#root.ledger.get(key); ; ) {
      const work = found?.row.work
      if (found === undefined || work === undefined || work.by !== this.#root.processId) return undefined
      const before = this.#settled.get(key)
      if (before?.version === found.version) return before.path
      try {
        // Folders of a settling that was overtaken before it was committed still await their sync.
        const touched = before?.touched ?? new Set<string>()
        const placed = await this.#work(key, found.row.object, work, before, touched)
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

  async #work(
    key: string,
    object: StoredObject | undefined,
    work: Work,
    before: Settled | undefined,
    touched: Set<string>,
  ): Promise<Placed> {
    const path = this.tree.path(key)
    const earlier = work.garbage.filter(({ at }) => at !== 'objects').map(({ identity }) => identity)
    // What this process placed last is not always among the row's: others may have written many times since.
    if (before?.at === 'tree' && before.row.object !== undefined) earlier.push(before.row.object.identity)
    // The folders of a settled version are durable; those of one that was just placed may not be.
    const anchored = work.garbage.every(({ at }) => at !== 'any') || (before?.anchored ?? false)
    const placed =
      object === undefined ? GONE : await this.#place(key, object, work, path, earlier, anchored, touched)
    if (placed.at !== 'tree' && path !== undefined && earlier.length > 0) {
      await this.tree.clear(key, path, earlier, touched)
    }
    const removed = new Set(before?.row.work?.garbage.map(({ writeId }) => writeId))
    for (const garbage of work.garbage) {
      if (removed.has(garbage.writeId)) continue
      for (const folder of await this.#remove(garbage)) touched.add(folder)
    }
    return placed
  }

  async #place(
    key: string,
    object: StoredObject,
    work: Work,
    path: string | undefined,
    earlier: readonly Garbage['identity'][],
    anchored: boolean,
    touched: Set<string>,
  ): Promise<Placed> {
    const { tree } = this
    let isAnchored = anchored && earlier.length > 0
    const anchor = async (folder: string): Promise<void> => {
      if (isAnchored) return
      for (let at = folder; at.length > this.#root.path.length; ) {
        at = dirname(at)
        await this.#root.bytes.syncFolder(at)
      }
      isAnchored = true
    }
    const objectPath = tree.objectPath(object.writeId)
    const from = work.staged === undefined ? objectPath : tree.stagedPath(work.staged, object.writeId)
    if (object.at === 'tree' && path !== undefined) {
      try {
        if (await tree.place(key, path, from, object.identity, earlier, anchor, touched)) {
          return { at: 'tree', path, anchored: isAnchored, leftover: from }
        }
      } catch (error) {
        this.#root.diskFailed(error)
        this.#root.logger.warn({ key, error }, 'A file could not be put at its place in the tree.')
      }
    }
    await tree.store(from, object.writeId, touched)
    return { at: 'objects', path: objectPath, anchored: false, leftover: undefined }
  }

  /** Removes the names that a file has by its write id. @returns the folders it was removed from */
  async #remove({ at, writeId, staged }: Garbage): Promise<string[]> {
    const { files } = this.#root
    const touched: string[] = []
    if (at !== 'tree') {
      const path = this.tree.objectPath(writeId)
      if (await ifThere(files.unlink(path))) touched.push(dirname(path))
    }
    if (at === 'any' && staged !== undefined) {
      await ifThere(files.unlink(this.tree.stagedPath(staged, writeId)))
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

  /** Syncs the folders of what is settled, then tells the rows. */
  async #flush(): Promise<void> {
    const batch = [...this.#settled]
    try {
      const folders = new Set<string>()
      for (const [, { touched }] of batch) for (const folder of touched) folders.add(folder)
      for (const folder of folders) await this.#syncFolder(folder)
      for (const [, { leftover }] of batch)
        if (leftover !== undefined) await ifThere(this.#root.files.unlink(leftover))
      const told = await this.#root.ledger.writeAll(
        batch.map(([key, { version, row, at }]) => ({
          key,
          expected: version,
          row: row.object === undefined ? undefined : { object: { ...row.object, at: at ?? row.object.at } },
        })),
      )
      if (this.#root.ledger.unfolded > 0) await this.#root.ledger.foldUsage()
      for (const [i, [key, settled]] of batch.entries()) {
        if (this.#settled.get(key) === settled) this.#settled.delete(key)
        // Overtaken: by a write of this process, which settles by itself, or of another, which leaves it to us.
        if (told[i] !== true) this.settle(key).catch(error => this.#root.diskFailed(error))
      }
    } catch (error) {
      for (const [key, settled] of batch) if (this.#settled.get(key) === settled) this.#settled.delete(key)
      throw error
    }
  }
}

/** The files that are left over when a row is replaced, the oldest first. */
function garbageOf(previous: VersionedRow | undefined): Garbage[] {
  if (previous === undefined) return []
  const { object, work } = previous.row
  const garbage = [...(work?.garbage ?? [])]
  if (object !== undefined) {
    const { writeId, identity } = object
    if (work === undefined) garbage.push({ writeId, identity, at: object.at })
    else garbage.push({ writeId, identity, at: 'any', staged: work.staged })
  }
  return garbage
}
