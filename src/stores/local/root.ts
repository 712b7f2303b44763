import { randomBytes } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type StorageError, shown } from '../../core/errors.js'
import { type Logger, silentLogger } from '../../core/logger.js'
import { StampClock, type StampMark } from '../../core/stamp.js'
import { Ballast } from './ballast.js'
import { Bytes } from './bytes.js'
import { Claims } from './claims.js'
import { ClockFile } from './clock-file.js'
import { diskFiles, type FileIdentity, type Files, systemCode } from './files.js'
import { FreeSpace } from './free-space.js'
import { failure, storageError } from './io-error.js'
import { Lease, type LeaseOptions } from './lease.js'
import { Ledger, type UploadEntry } from './ledger.js'
import { Placer } from './placer.js'
import {
  endProcessId,
  isKnownDead,
  newProcessId,
  ownPidSpace,
  type PidSpace,
  pidOf,
  shared,
} from './process-id.js'
import { livingProcesses } from './processes.js'
import { checkFilesystem, foldsNames } from './root-checks.js'
import { claimFile, hasId, makeOwnFolder, matchIds } from './root-files.js'

export interface RootOptions {
  /** The storage folder. */
  readonly path: string
  /** Where the ledger lies if not under `.holdfast` in the folder: on a local disk, where that is none. */
  readonly ledgerPath?: string | undefined
  /** Whether to make a store where there is none. */
  readonly create: boolean
  readonly logger?: Logger | undefined
  /** Disk space held in reserve for removals on a full disk; 64 MiB unless given, 0 for none. */
  readonly ballastBytes?: number | undefined
  readonly lease?: Pick<LeaseOptions, 'beatMs' | 'staleMs'> | undefined
  /** What objects' bytes go through; the machine's filesystem unless a test gives another. */
  readonly files?: Files | undefined
}

/** Something a person should know about the folder. */
export interface RootProblem {
  readonly code: string
  readonly message: string
}

/** The durable list of uploads in parts that were begun at an object store. */
export interface UploadLog {
  /** Notes durably that an upload was begun, before its first part is sent. */
  begin(entry: UploadEntry): Promise<void>
  /** Forgets an upload that was completed or aborted. */
  end(uploadId: string): Promise<void>
  /** Uploads whose process is known to have ended: to be aborted. */
  orphans(): UploadEntry[]
}

const BALLAST_BYTES = 64 * 1024 * 1024
/** Problems that are remembered. */
const MAX_PROBLEMS = 200
/** The ballast waits until the folder has been in use for a moment: a short command needs none. */
const BALLAST_DELAY_MS = 2000

/** An opened storage folder. Made by {@link openRoot}; shared by all who open the same folder in one process. */
export class Root {
  /** The folder's real path. */
  readonly path: string
  /** Holdfast's own folder in it. */
  readonly ownPath: string
  /** Where this process puts files that are not yet, or never, anything else. Swept when it is known to be dead. */
  readonly tmpPath: string
  /** Names this opening of the folder. */
  readonly processId: string
  readonly hostId: string
  readonly clock: StampClock
  readonly ledger: Ledger
  readonly files: Files
  readonly bytes: Bytes
  readonly ballast: Ballast
  readonly logger: Logger
  readonly uploads: UploadLog
  /** Does the file work of this process. */
  readonly placer: Placer
  /** The folders that this process writes files into before rows name them. */
  readonly claims: Claims
  /** Whether the filesystem takes names that differ in case or Unicode normal form for the same. */
  readonly foldsNames: boolean
  readonly #device: number
  readonly #pids: PidSpace
  readonly #lease: Lease
  readonly #clockFile: ClockFile
  readonly #problems = new Map<string, RootProblem>()
  readonly #closing: (() => Promise<void>)[] = []
  readonly #forget: () => void
  readonly #ballastTimer: NodeJS.Timeout | undefined
  #health: 'green' | 'red' = 'green'
  #signingKey: Promise<Buffer> | undefined
  #holders = 1
  #closed: Promise<void> | undefined

  /** @internal */
  constructor(parts: RootParts) {
    this.path = parts.path
    this.ownPath = parts.ownPath
    this.tmpPath = parts.tmpPath
    this.processId = parts.processId
    this.hostId = parts.hostId
    this.clock = parts.clock
    this.ledger = parts.ledger
    this.files = parts.files
    this.bytes = new Bytes(parts.files, parts.space)
    this.ballast = parts.ballast
    this.logger = parts.logger
    this.foldsNames = parts.foldsNames
    this.#device = parts.device
    this.placer = new Placer(this)
    this.claims = new Claims(parts.files, parts.ownPath, parts.processId)
    this.#pids = parts.pids
    this.#lease = parts.lease
    this.#clockFile = parts.clockFile
    this.#forget = parts.forget
    this.uploads = {
      begin: entry => this.ledger.addUpload(entry, this.processId),
      end: uploadId => this.ledger.removeUpload(uploadId),
      orphans: () =>
        this.ledger
          .uploads()
          .filter(upload => this.isDead(upload.process))
          .map(upload => upload.entry),
    }
    this.#ballastTimer = setTimeout(() => {
      this.ballast.build().catch(() => {})
    }, BALLAST_DELAY_MS)
    this.#ballastTimer.unref()
  }

  /** What a person should know, newest last. */
  get problems(): readonly RootProblem[] {
    return [...this.#problems.values()]
  }

  /** `red` once the disk has failed under the ledger or under an object. */
  get health(): 'green' | 'red' {
    return this.#health
  }

  /** A file's identity as rows hold it: device 0 stands for the folder's own, whose number may change with a boot. */
  identityOf({ dev, ino, size, mtimeMs }: FileIdentity): FileIdentity {
    return { dev: dev === this.#device ? 0 : dev, ino, size, mtimeMs }
  }

  /** Whether the process that an id names is known to have ended. */
  isDead(processId: string): boolean {
    return isKnownDead(processId, this.#pids)
  }

  /** The processes that have the folder open beside this opening of it, by their numbers; this one's for another opening in it. */
  async others(): Promise<number[]> {
    const others = new Set(this.#holders > 1 ? [process.pid] : [])
    for (const id of await livingProcesses(this.files, this.ownPath, id => this.isDead(id))) {
      if (id !== this.processId) others.add(pidOf(id))
    }
    return [...others]
  }

  /**
   * To be called right before a file is moved or removed that another could have come to own: cheap, and it notices
   * that this process stood still while another machine or container took the folder over.
   *
   * @throws StorageError `UNAVAILABLE`
   */
  checkHeld(): void {
    this.#lease.check()
  }

  /**
   * 32 random bytes, generated once and kept for this folder, to sign with: shared by all its processes.
   *
   * @throws StorageError if they cannot be read or kept
   */
  signingKey(): Promise<Buffer> {
    this.#signingKey ??= claimFile(join(this.ownPath, 'signing-key'), randomBytes(32)).catch(error => {
      this.#signingKey = undefined
      throw storageError(error, 'open')
    })
    return this.#signingKey
  }

  /** Notes something that a person should know. The same code and message are noted once. */
  addProblem(code: string, message: string): void {
    const id = `${code} ${message}`
    if (this.#problems.has(id)) return
    this.#problems.set(id, { code, message })
    // The oldest give way: something that happens over and over does not fill the memory.
    for (const oldest of this.#problems.keys()) {
      if (this.#problems.size <= MAX_PROBLEMS) break
      this.#problems.delete(oldest)
    }
    this.logger.warn({ code }, message)
  }

  /** Notes a failure of the disk itself. */
  diskFailed(error: unknown): void {
    if (systemCode(error) !== 'EIO') return
    this.#health = 'red'
    this.addProblem(
      'DISK_ERROR',
      'The disk reported an error; writes that met it have failed. Check the disk.',
    )
  }

  /** How far the stamps go that processes of this folder may have given out. */
  stampMark(): StampMark {
    return this.#clockFile.floor()
  }

  /** @internal Has the folder's last holder call this before the ledger closes. */
  beforeClose(run: () => Promise<void>): void {
    this.#closing.push(run)
  }

  /** @internal */
  ledgerPoisoned(error: StorageError): void {
    this.#health = 'red'
    this.addProblem('LEDGER_FAILED', error.message)
    this.logger.error({ code: error.code }, error.message)
  }

  /** @internal */
  leaseLost(error: StorageError): void {
    this.#health = 'red'
    this.addProblem('FOLDER_TAKEN_OVER', error.message)
    this.logger.error({ code: error.code }, error.message)
  }

  /** @internal One more holder, each of which closes it once; false if it is closed already. */
  hold(): boolean {
    if (this.#closed !== undefined) return false
    this.#holders++
    return true
  }

  /** Gives the folder up; the last holder's call ends everything that it holds open. */
  close(): Promise<void> {
    if (this.#closed !== undefined) return this.#closed
    if (--this.#holders > 0) return Promise.resolve()
    this.#closed = this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    clearTimeout(this.#ballastTimer)
    try {
      await this.ballast.idle()
      for (const run of this.#closing) await run()
      this.bytes.close()
      await this.ledger.close()
      // After a commit that failed in doubt its bytes are kept; the marks have them looked at when this process is dead.
      if (this.ledger.poison === undefined) await this.claims.release().catch(() => {})
    } finally {
      // Whatever has failed: this opening is over, and the next is a new one.
      this.#clockFile.release(this.clock.mark)
      endProcessId(this.processId)
      // A file that is still needed keeps the folder; whoever opens next sweeps it.
      await this.files.rmdir(this.tmpPath).catch(() => {})
      const others = await this.files.readFolder(join(this.ownPath, 'tmp')).catch(() => [])
      await this.#lease.release(!others.some(entry => !this.isDead(entry.name.toString())))
      this.#forget()
    }
  }
}

interface RootParts {
  readonly path: string
  readonly ownPath: string
  readonly tmpPath: string
  readonly processId: string
  readonly hostId: string
  readonly clock: StampClock
  readonly clockFile: ClockFile
  readonly ledger: Ledger
  readonly files: Files
  readonly ballast: Ballast
  readonly logger: Logger
  readonly foldsNames: boolean
  readonly device: number
  readonly pids: PidSpace
  readonly space: FreeSpace
  readonly lease: Lease
  readonly forget: () => void
}

/** The folders open in this process, by real path; shared by every copy of this package in it. */
const opened = shared('holdfast.roots', () => new Map<string, Promise<Root>>())

/**
 * Opens a storage folder. Several processes of one machine (of one container) may hold it at once, and one
 * process several times: those share what they hold, and each closes it once.
 *
 * @throws StorageError `CONFIG_INVALID` if there is no store and none is to be made, if the folder is in use by
 *   another machine or container, if the ledger is missing or another folder's, or lies on a network filesystem;
 *   `PERMISSION_DENIED`, `NO_SPACE`, `UNAVAILABLE` as the disk answers
 */
export async function openRoot(options: RootOptions): Promise<Root> {
  const asked = resolve(options.path)
  try {
    const path = await findFolder(asked, options.create)
    for (;;) {
      const shared = opened.get(path)
      if (shared === undefined) break
      const root = await shared
      if (root.hold()) return root
      await root.close()
    }
    const root = openWithSpace(path, options)
    opened.set(path, root)
    root.catch(() => {
      if (opened.get(path) === root) opened.delete(path)
    })
    return await root
  } catch (error) {
    throw storageError(error, 'open')
  }
}

async function findFolder(asked: string, create: boolean): Promise<string> {
  if (create) await mkdir(asked, { recursive: true })
  const path = await realpath(asked).catch(error => {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw error
  })
  if (path === undefined || (!create && !(await hasId(join(path, '.holdfast'))))) {
    throw failure('CONFIG_INVALID', 'open', undefined, `no store at ${asked}`)
  }
  return path
}

/** The ledger lies outside of what can be objects. @throws `CONFIG_INVALID` */
async function checkLedgerPlace(path: string, ownPath: string, ledgerPath: string): Promise<void> {
  const real = await realpath(ledgerPath)
  if (!`${real}/`.startsWith(`${path}/`) || real.startsWith(`${ownPath}/`)) return
  throw failure(
    'CONFIG_INVALID',
    'open',
    undefined,
    `HOLDFAST_LEDGER_PATH: got ${shown(ledgerPath)}, which lies among the files of ${shown(path)}; accepted: a folder outside of it.`,
  )
}

/** Opens the folder; on a full disk with the space that is kept for removals, which are what frees more. */
async function openWithSpace(path: string, options: RootOptions): Promise<Root> {
  try {
    return await open(path, options)
  } catch (error) {
    if (storageError(error, 'open').code !== 'NO_SPACE') throw error
    if (!(await new Ballast(join(path, '.holdfast', 'ballast'), '', 0).release())) throw error
    return open(path, options)
  }
}

async function open(path: string, options: RootOptions): Promise<Root> {
  const ownPath = join(path, '.holdfast')
  const ledgerPath = options.ledgerPath === undefined ? join(ownPath, 'ledger') : resolve(options.ledgerPath)
  const pids = ownPidSpace()
  const processId = newProcessId(pids)
  const tmpPath = join(ownPath, 'tmp', processId)
  const files = options.files ?? diskFiles
  const undo: (() => Promise<void>)[] = []
  try {
    await makeOwnFolder(ownPath)
    for (const name of ['tmp', 'objects', 'displaced', 'clock']) await makeOwnFolder(join(ownPath, name))
    await files.mkdir(tmpPath)
    undo.push(() => files.rmdir(tmpPath))
    await mkdir(ledgerPath, { recursive: true, mode: 0o700 })
    await checkLedgerPlace(path, ownPath, ledgerPath)
    const warning = await checkFilesystem(path, ledgerPath)
    let root: Root | undefined
    const lease = await Lease.acquire(join(ownPath, 'lease'), pids, {
      ...options.lease,
      onLost: error => root?.leaseLost(error),
    })
    undo.push(() => lease.release(false))
    const clockFile = new ClockFile(join(ownPath, 'clock'), processId, id => isKnownDead(id, pids))
    const space = new FreeSpace([path, ledgerPath])
    // Made before the ledger, which numbers its rows by it; the host is known only after.
    let clock: StampClock | undefined
    const ledger = await Ledger.open(ledgerPath, {
      nextVersion: () => {
        try {
          return (clock ?? new StampClock({ host: '0' })).nextReserved().sequence
        } catch (error) {
          throw storageError(error, 'write')
        }
      },
      onPoisoned: error => root?.ledgerPoisoned(error),
      beforeCommit: () => lease.check(),
      isFull: () => space.isLow(),
    })
    undo.push(() => ledger.close())
    const id = await matchIds(ownPath, ledger, ledgerPath)
    const hostId = id.slice(0, 12)
    clock = new StampClock({
      host: hostId,
      floor: clockFile.floor(),
      reserve: (from, to) => {
        try {
          return clockFile.reserve(from, to)
        } catch (error) {
          root?.diskFailed(error)
          throw error
        }
      },
    })
    root = new Root({
      path,
      ownPath,
      tmpPath,
      processId,
      hostId,
      clock,
      clockFile,
      ledger,
      files,
      ballast: new Ballast(
        join(ownPath, 'ballast'),
        join(tmpPath, 'ballast'),
        options.ballastBytes ?? BALLAST_BYTES,
      ),
      logger: options.logger ?? silentLogger,
      foldsNames: await foldsNames(files, tmpPath),
      device: (await files.lstat(path)).dev,
      pids,
      space,
      lease,
      forget: () => opened.delete(path),
    })
    if (warning !== undefined) root.addProblem('PASSING_STORAGE', warning)
    await files.fsyncFolder(join(ownPath, 'tmp'))
    await files.fsyncFolder(ownPath)
    return root
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => {})
    endProcessId(processId)
    throw error
  }
}
