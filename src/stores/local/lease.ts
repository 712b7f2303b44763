import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, unlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { StorageError } from '../../core/errors.js'
import { systemCode } from './files.js'
import type { PidSpace } from './process-id.js'

export interface LeaseOptions {
  /** Milliseconds between two rewritings of the lease; 1000 unless given. */
  readonly beatMs?: number | undefined
  /** Milliseconds that another's lease must stand still before it is taken over; 3000 unless given. */
  readonly staleMs?: number | undefined
  /** Called once, when another PID space has taken the folder over. */
  readonly onLost?: ((error: StorageError) => void) | undefined
}

interface Holder extends PidSpace {
  readonly pid: number
}

/** Long enough for any holder, and always the same length: a rewriting never leaves a mixture of two. */
const LEASE_BYTES = 256

/**
 * The right of one PID space (one boot of one machine, one container) to a storage folder. A plain file, looked
 * at before the ledger is opened: two spaces on one LMDB block each other for seconds or corrupt its reader
 * table. The processes of one space share it, and each rewrites it every second; what another space left is
 * taken over once it has stood still.
 */
export class Lease {
  readonly #path: string
  readonly #space: PidSpace
  readonly #options: LeaseOptions
  readonly #beatMs: number
  #timer: NodeJS.Timeout | undefined
  #beating: Promise<void> | undefined
  #count = 0
  #lastBeat = performance.now()
  #lost: StorageError | undefined

  private constructor(path: string, space: PidSpace, options: LeaseOptions) {
    this.#path = path
    this.#space = space
    this.#options = options
    this.#beatMs = options.beatMs ?? 1000
  }

  /**
   * Takes the lease, waiting as long as another's must be watched.
   *
   * @throws StorageError `CONFIG_INVALID` if another PID space is using the folder
   */
  static async acquire(path: string, space: PidSpace, options: LeaseOptions = {}): Promise<Lease> {
    const lease = new Lease(path, space, options)
    await lease.#take()
    lease.#timer = setInterval(() => {
      lease.#beating ??= lease
        .#beat()
        .catch(() => {})
        .finally(() => {
          lease.#beating = undefined
        })
    }, lease.#beatMs)
    lease.#timer.unref()
    return lease
  }

  /**
   * Throws if the folder was taken over. Cheap, but after a pause (a stopped process, a blocked event loop) in
   * which another may have come.
   *
   * @throws StorageError `UNAVAILABLE`
   */
  check(): void {
    if (this.#lost === undefined && performance.now() - this.#lastBeat > 2 * this.#beatMs) {
      this.#judge(parse(readSync(this.#path)))
      this.#lastBeat = performance.now()
    }
    if (this.#lost !== undefined) throw this.#lost
  }

  /** Stops rewriting it. The file goes too if nobody else of this space needs it, so that the next need not wait. */
  async release(last: boolean): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    // One under way would make the file again.
    await this.#beating
    if (last && this.#lost === undefined && this.#isOwn(parse(readSync(this.#path)))) {
      await unlink(this.#path).catch(() => {})
    }
  }

  async #take(): Promise<void> {
    const staleMs = this.#options.staleMs ?? 3000
    let seen: string | undefined
    let since = performance.now()
    for (;;) {
      const text = await readText(this.#path)
      if (text === undefined) {
        if (await this.#create()) return
        continue
      }
      const holder = parse(text)
      if (this.#isOwn(holder)) return this.#write('r+')
      if (seen !== undefined && text !== seen && holder !== undefined) throw inUse(holder)
      if (text !== seen) {
        seen = text
        since = performance.now()
      }
      if (performance.now() - since >= staleMs) return this.#takeOver()
      await sleep(Math.min(100, staleMs / 4))
    }
  }

  async #create(): Promise<boolean> {
    try {
      await this.#write('wx')
      return true
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false
      throw error
    }
  }

  /** Puts a file of our own in place of the dead one, and looks again: several may have done so at once. */
  async #takeOver(): Promise<void> {
    const draft = `${this.#path}.${randomBytes(6).toString('hex')}`
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.write(this.#text(), 0)
    } finally {
      await file.close()
    }
    try {
      await rename(draft, this.#path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    await sleep(Math.min(300, this.#beatMs))
    const holder = parse((await readText(this.#path)) ?? '')
    if (holder !== undefined && !this.#isOwn(holder)) throw inUse(holder)
  }

  async #beat(): Promise<void> {
    // Counted from the look on: what happens behind it, another's takeover included, is not known.
    const began = performance.now()
    const text = await readText(this.#path)
    // A folder that was cleared away while somebody beats has none.
    if (text === undefined) {
      await this.#create()
      return
    }
    this.#judge(parse(text))
    if (this.#lost !== undefined || this.#timer === undefined) return
    await this.#write('r+')
    this.#lastBeat = began
  }

  #judge(holder: Holder | undefined): void {
    // A beat that was under way and a check may both find it out: it is told once.
    if (this.#lost !== undefined || holder === undefined || this.#isOwn(holder)) return
    clearInterval(this.#timer)
    this.#lost = new StorageError({
      code: 'UNAVAILABLE',
      op: 'open',
      store: 'local',
      message: `The storage folder was taken over by ${describe(holder)} while this process stood still; start it again.`,
    })
    this.#options.onLost?.(this.#lost)
  }

  async #write(flags: 'r+' | 'wx'): Promise<void> {
    let file: FileHandle
    try {
      file = await open(this.#path, flags, 0o600)
    } catch (error) {
      if (flags === 'r+' && systemCode(error) === 'ENOENT') return
      throw error
    }
    try {
      await file.write(this.#text(), 0)
    } finally {
      await file.close()
    }
  }

  #text(): string {
    const { boot, namespace } = this.#space
    const holder = { boot, namespace, pid: process.pid, beat: ++this.#count }
    return `${JSON.stringify(holder).padEnd(LEASE_BYTES - 1)}\n`
  }

  #isOwn(holder: Holder | undefined): boolean {
    return holder?.boot === this.#space.boot && holder.namespace === this.#space.namespace
  }
}

function parse(text: string | undefined): Holder | undefined {
  if (text === undefined) return undefined
  try {
    const { boot, namespace, pid } = JSON.parse(text)
    return typeof boot === 'string' && typeof namespace === 'string' ? { boot, namespace, pid } : undefined
  } catch {
    return undefined
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function readSync(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function describe(holder: Holder): string {
  return `process ${holder.pid} of another machine or container (boot ${holder.boot}, PID namespace ${holder.namespace})`
}

function inUse(holder: Holder): StorageError {
  return new StorageError({
    code: 'CONFIG_INVALID',
    op: 'open',
    store: 'local',
    message: `The storage folder is in use by ${describe(holder)}. One machine or container may use it at a time: give each its own folder, or stop the other.`,
  })
}
