import { hash, randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdir, rm, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Key } from '../core/key.js'
import type { Logger } from '../core/logger.js'
import type { ObjectStat } from '../core/store.js'
import { type FileStat, type Files, systemCode } from '../stores/local/files.js'
import { type OpenedCopy, openCopy } from './cache-copy.js'
import { PIECE_BYTES } from './cache-file.js'
import { DiskFill } from './cache-fill.js'
import { CacheSpace, COPY } from './cache-space.js'
import {
  type CacheUsage,
  type Copy,
  type Fill,
  type ForgottenCopy,
  type KnownCopy,
  type ReadCache,
  SMALL_BYTES,
} from './read-cache.js'

export interface DiskCacheOptions {
  /** The folder for the copies of every boot. */
  readonly folder: string
  /** Names this boot of the machine; undefined where the system does not tell, and then nothing is kept. */
  readonly boot: string | undefined
  /** Of the disk; 0 keeps no copies, and only forgets those of other processes. */
  readonly maxBytes: number
  /** Names the endpoint and bucket of what is kept. */
  readonly target: string
  /** Names this opening of the folder, among all that ever were; good as a file name. */
  readonly processId: string
  readonly isDead: (processId: string) => boolean
  readonly files: Files
  /** Free bytes of the disk, as they were a moment ago, and how many of them are left alone. */
  readonly freeBytes: () => Promise<number>
  readonly reserveBytes: number
  readonly logger: Logger
  /** For so long after its opening nothing is kept or counted; {@link NOTICE_MS} unless a test knows better. */
  readonly noticeMs?: number | undefined
  /** A copy's last use is noted anew after this long. Milliseconds. */
  readonly touchMs?: number | undefined
}

/** A process without copies of its own looks this often for those of others. Milliseconds. */
const LOOK_MS = 250
/** Nothing is kept before every process is certain to look for it. Milliseconds. */
const NOTICE_MS = 4 * LOOK_MS
const TOUCH_MS = 60_000
/** No copy may take more than this part of the whole. */
const LARGEST_PART = 8
const MAX_FILLS = 64
/** Small copies that are known without being opened. */
const MAX_REMEMBERED = 10_000
/** Of free disk, above what is left alone: what uploads will want first. */
const MARGIN_BYTES = 64 * 1024 * 1024

/** The folder for the copies of a storage folder. @param ownPath Holdfast's own folder in that */
export function cacheFolderOf(ownPath: string): string {
  return join(ownPath, 'cache')
}

/** Removes all copies. For who takes the journal away, whose rows tell that one is not to be looked at. */
export async function removeCopies(ownPath: string): Promise<void> {
  await rm(cacheFolderOf(ownPath), { recursive: true, force: true })
}

/** What a small copy is of, and what tells its file from another. */
interface Remembered extends Pick<FileStat, 'ino' | 'mtimeMs'> {
  readonly stat: ObjectStat
}

/**
 * Copies in files, shared by the processes of a storage folder. All that there is of one key lies in one folder,
 * named for the key's hash: the copy, and the files that are to become it. To forget the key is to rename that
 * folder away, which no fill survives: it can only rename its file within the folder that it was begun in.
 *
 * Nothing is ever synced. What a power loss brings back of a forgotten key is not looked at: every boot of the
 * machine has copies of its own.
 */
export class DiskCache implements ReadCache {
  readonly keeps: boolean
  readonly #options: DiskCacheOptions
  readonly #folder: string
  readonly #trash: string
  readonly #space: CacheSpace
  readonly #filling = new Map<string, DiskFill | undefined>()
  readonly #background = new Set<Promise<void>>()
  /** Removals of what was forgotten; they belong to the background too. */
  readonly #disposing = new Set<Promise<void>>()
  readonly #remembered = new Map<string, Remembered>()
  #hits = 0
  /** Whether every process has had the time to see the folder, and all in it is counted. */
  #ready = false
  #inUse = false
  #lookedAt = Number.NEGATIVE_INFINITY
  #free = Number.POSITIVE_INFINITY
  /** A copy that could not be removed: nothing of this cache is to be believed any more. */
  #failed = false
  #closed = false
  readonly #closing = new AbortController()

  constructor(options: DiskCacheOptions) {
    const { folder, boot, maxBytes, logger } = options
    this.#options = options
    this.keeps = maxBytes > 0 && boot !== undefined
    this.#folder = join(folder, boot ?? 'none')
    this.#trash = join(this.#folder, 'trash')
    this.#space = new CacheSpace(this.#folder, maxBytes, options.isDead, this.#closing.signal)
    if (maxBytes > 0 && boot === undefined) {
      logger.warn({}, 'The read cache is off: this system does not tell one boot from another.')
    }
    if (this.keeps) this.#inBackground(this.#prepare())
  }

  get usage(): CacheUsage {
    const { files, bytes } = this.#space
    return { files, bytes, maxBytes: this.#options.maxBytes, hits: this.#hits }
  }

  takes(size: number): boolean {
    return this.keeps && size <= this.#options.maxBytes / LARGEST_PART
  }

  holds(key: Key): boolean {
    return this.#isInUse() && existsSync(this.#folderOf(key))
  }

  known(key: Key): KnownCopy | undefined {
    const folder = this.#folderOf(key)
    const remembered = this.#remembered.get(folder)
    if (remembered === undefined || this.#failed) return undefined
    const path = join(folder, COPY)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found !== undefined && found.ino === remembered.ino && found.mtimeMs === remembered.mtimeMs) {
      return { stat: remembered.stat, confirmed: () => this.#confirmed(folder, path, found.mtimeMs) }
    }
    this.#remembered.delete(folder)
    return undefined
  }

  async open(key: Key): Promise<Copy | undefined> {
    if (this.#failed || this.#closed) return undefined
    const { files, target, touchMs = TOUCH_MS } = this.#options
    const folder = this.#folderOf(key)
    let fd: number
    try {
      fd = await files.openToRead(join(folder, COPY))
    } catch {
      return undefined
    }
    const copy = await openCopy(files, fd, { touchMs, onUse: () => this.#hits++ }).catch(() => undefined)
    if (copy?.target === target && copy.stat.key === key) {
      if (copy.stat.size <= SMALL_BYTES) this.#remember(folder, copy)
      return copy
    }
    await files.close(fd).catch(() => {})
    await this.forget(key)
    return undefined
  }

  async begin(key: Key): Promise<Fill | undefined> {
    const folder = this.#folderOf(key)
    if (!this.#mayFill(folder)) return undefined
    const { files, freeBytes, processId, target } = this.#options
    this.#filling.set(folder, undefined)
    const path = join(folder, `${processId}~${randomUUID()}`)
    try {
      this.#free = await freeBytes()
      if (this.#room(PIECE_BYTES) && (await this.#makeFolder(folder))) {
        const fd = await files.create(path)
        const reserve = (size: number): boolean => this.#reserve(size)
        const onEnd = (size: number | undefined, there: boolean): void => {
          this.#filling.delete(folder)
          if (size !== undefined && this.#space.filled(size, there)) this.#inBackground(this.#space.trim())
        }
        const fill = new DiskFill({ files, fd, path, folder, target, reserve, onEnd })
        this.#inBackground(fill.ended)
        this.#filling.set(folder, fill)
        if (this.#closed) fill.abandon()
        return fill
      }
    } catch {
      // Without a copy the read is as good.
    }
    this.#filling.delete(folder)
    return undefined
  }

  forget(key: Key): Promise<void> | undefined {
    return this.holds(key) ? this.#forget(this.#folderOf(key)) : undefined
  }

  async forgetAll(isMeant: (key: Key) => boolean): Promise<ForgottenCopy[]> {
    const { files } = this.#options
    const forgotten: ForgottenCopy[] = []
    for (const folder of await this.#folders()) {
      const fd = await files.openToRead(join(folder, COPY)).catch(() => undefined)
      if (fd === undefined) continue
      const copy = await openCopy(files, fd, { touchMs: 0, onUse: () => {} }).catch(() => undefined)
      await (copy === undefined ? files.close(fd).catch(() => {}) : copy.close())
      if (copy === undefined || !isMeant(copy.stat.key)) continue
      const { key, size } = copy.stat
      await this.#forget(folder)
      forgotten.push({ key, size, path: join(folder, COPY) })
    }
    await this.forgotten()
    return forgotten
  }

  async forgotten(): Promise<void> {
    await Promise.all(this.#disposing)
  }

  /** The folders of all keys that there may be a copy of. */
  async #folders(): Promise<string[]> {
    const { files } = this.#options
    const foldersIn = async (path: string): Promise<string[]> => {
      const entries = await files.readFolder(path).catch(() => [])
      return entries.filter(({ kind }) => kind === 'folder').map(({ name }) => join(path, name.toString()))
    }
    const groups = (await foldersIn(this.#folder)).filter(path => path !== this.#trash)
    const found: string[] = []
    for (const group of groups) found.push(...(await foldersIn(group)))
    return found
  }

  async makeRoom(bytes: number): Promise<number> {
    if (!this.#isInUse()) return 0
    return this.#space.shrink(bytes)
  }

  async idle(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#closing.abort()
    // A reader who never comes to the end must not keep others waiting.
    for (const fill of this.#filling.values()) fill?.abandon()
    await this.idle()
  }

  #remember(folder: string, { ino, mtimeMs, stat }: OpenedCopy): void {
    this.#remembered.set(folder, { ino, mtimeMs, stat })
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MAX_REMEMBERED) break
      this.#remembered.delete(oldest)
    }
  }

  #confirmed(folder: string, path: string, mtimeMs: number): void {
    const now = Date.now()
    if (Math.abs(now - mtimeMs) < (this.#options.touchMs ?? TOUCH_MS)) return
    // Told from what it was by the time that is about to change.
    this.#remembered.delete(folder)
    this.#inBackground(utimes(path, now / 1000, now / 1000).catch(() => {}))
  }

  #folderOf(key: Key): string {
    const name = hash('sha256', `${this.#options.target}\n${key}`, 'hex')
    return `${this.#folder}/${name.slice(0, 2)}/${name.slice(2, 42)}`
  }

  /** Whether there are copies of anybody's. Who keeps none finds out early enough, see {@link NOTICE_MS}. */
  #isInUse(): boolean {
    if (this.keeps || this.#inUse) return true
    const now = performance.now()
    if (now - this.#lookedAt > LOOK_MS) {
      this.#lookedAt = now
      this.#inUse = existsSync(this.#folder)
    }
    return this.#inUse
  }

  #mayFill(folder: string): boolean {
    if (!this.#ready || this.#failed || this.#closed) return false
    return this.#filling.size < MAX_FILLS && !this.#filling.has(folder)
  }

  /** Sets room aside for a copy of this size; where there is none, makes some for the next. */
  #reserve(size: number): boolean {
    if (!this.takes(size) || !this.#room(size)) return false
    if (this.#space.reserve(size)) return true
    this.#inBackground(this.#space.trim())
    return false
  }

  /** Whether the disk has room for it beside what is to be left alone. */
  #room(size: number): boolean {
    return this.#free - size > this.#options.reserveBytes + MARGIN_BYTES
  }

  async #makeFolder(folder: string): Promise<boolean> {
    const { files } = this.#options
    for (let again = true; ; again = false) {
      try {
        await files.mkdir(folder)
        return true
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return true
        if (systemCode(error) !== 'ENOENT' || !again) return false
        // Of its parent alone: where somebody has removed the whole, others may have stopped to look for it.
        await files.mkdir(dirname(folder)).catch(() => {})
      }
    }
  }

  async #forget(folder: string): Promise<void> {
    const { files, logger } = this.#options
    this.#remembered.delete(folder)
    const trash = join(this.#trash, randomUUID())
    try {
      await this.#rename(folder, trash)
    } catch (error) {
      // Renamed by somebody else just now; or it cannot be, and what it holds must not be served again.
      if (!existsSync(folder)) return
      this.#failed = true
      logger.error({}, `A copy of the read cache could not be removed, which is off now: ${String(error)}`)
      await rm(folder, { recursive: true, force: true }).catch(() => {})
      return
    }
    const disposing = this.#dispose(trash, files)
    this.#disposing.add(disposing)
    this.#inBackground(disposing.finally(() => this.#disposing.delete(disposing)))
  }

  async #rename(folder: string, trash: string): Promise<void> {
    try {
      await this.#options.files.rename(folder, trash)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || !existsSync(folder)) throw error
      await mkdir(this.#trash, { recursive: true, mode: 0o700 })
      await this.#options.files.rename(folder, trash)
    }
  }

  async #dispose(trash: string, files: Files): Promise<void> {
    const copy = await files.lstat(join(trash, COPY)).catch(() => undefined)
    if (copy !== undefined) this.#space.removed(copy.size)
    await rm(trash, { recursive: true, force: true })
  }

  /** Removes what is of no use any more, and counts the rest. */
  async #prepare(): Promise<void> {
    const { folder, files } = this.#options
    await mkdir(this.#trash, { recursive: true, mode: 0o700 })
    // A command that is over by then leaves the rest to others.
    const signal = this.#closing.signal
    await sleep(this.#options.noticeMs ?? NOTICE_MS, undefined, { ref: false, signal }).catch(() => {})
    if (this.#closed) return
    for (const entry of await files.readFolder(folder)) {
      const path = join(folder, entry.name.toString())
      if (path !== this.#folder) await rm(path, { recursive: true, force: true })
    }
    for (const entry of await files.readFolder(this.#trash)) {
      await rm(join(this.#trash, entry.name.toString()), { recursive: true, force: true })
    }
    await this.#space.trim()
    this.#ready = true
  }

  #inBackground(work: Promise<unknown>): void {
    const done: Promise<void> = work
      .then(
        () => {},
        error => this.#options.logger.warn({}, `The read cache stumbled: ${String(error)}`),
      )
      .finally(() => this.#background.delete(done))
    this.#background.add(done)
  }
}
