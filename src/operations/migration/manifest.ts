import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { StorageError } from '../../core/errors.js'
import type { ListedObject } from '../../core/store.js'
import { systemCode } from '../../stores/local/files.js'
import { filesystemOf } from '../../stores/local/filesystem-type.js'
import { Ledger, type LedgerTable } from '../../stores/local/ledger.js'
import { endProcessId, isKnownDead, newProcessId, ownPidSpace, pidOf } from '../../stores/local/process-id.js'
import type { PendingUpload, UploadLog } from '../../stores/s3/upload-log.js'

/** What is remembered of an object that both sides were seen to hold: which one at the source, and which at the target. */
export interface Done {
  readonly sourceEtag: string
  readonly targetEtag: string
  readonly size: number
}

/** As it lies in the table: names would take more room than what they name. */
type Row = readonly [sourceEtag: string, targetEtag: string, size: number]

/** What is done is committed so often, or after so many objects. */
const COMMIT_MS = 500
const COMMIT_ROWS = 512

const HOLDER = 'holder'

/** Where manifests lie unless a folder is given: the user's folder for what programs remember (XDG). */
export function defaultStateFolder(): string {
  const state = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return join(state, 'holdfast', 'migrations')
}

/** The folder of the manifest of one migration. */
export function manifestPath(stateFolder: string | undefined, from: string, to: string): string {
  const id = createHash('sha256').update(`${from}\n${to}`).digest('hex').slice(0, 16)
  return join(resolve(stateFolder ?? defaultStateFolder()), id)
}

/**
 * What a migration has done, so that one that was killed is gone on with, and one that is repeated asks for listings
 * alone. It decides nothing: an object counts as done while both listings show what is written here, and one that is
 * not written here is compared. So it may lag behind, or be lost, at no other cost than that.
 */
export class Manifest {
  readonly uploads: UploadLog
  readonly #ledger: Ledger
  readonly #table: LedgerTable<Row>
  readonly #processId: string
  /** What is not committed yet. */
  #waiting = new Map<string, Row>()
  #committing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #failure: unknown

  private constructor(ledger: Ledger, processId: string) {
    this.#ledger = ledger
    this.#table = ledger.table('done')
    this.#processId = processId
    const orphaned = new Set<string>()
    // Nobody else works on this migration: what is not of this process is of one that was killed.
    const orphans = (): readonly PendingUpload[] =>
      ledger
        .uploads()
        .filter(({ entry, process }) => process !== processId || orphaned.has(entry.uploadId))
        .map(({ entry }) => entry)
    this.uploads = {
      begin: upload => {
        orphaned.delete(upload.uploadId)
        return ledger.addUpload(upload, processId)
      },
      end: uploadId => ledger.removeUpload(uploadId),
      abandon: ({ uploadId }) => void orphaned.add(uploadId),
      brokenOff: key => orphans().find(upload => upload.key === key),
      orphans: async () => orphans(),
    }
  }

  /**
   * Opens the manifest of a migration, for this process alone.
   *
   * @throws StorageError `UNAVAILABLE` if another process works on the same migration
   */
  static async open(path: string, from: string, to: string): Promise<Manifest> {
    await makeFolder(path, { from, to })
    let version = Date.now() * 1000
    const ledger = await Ledger.open(path, { nextVersion: () => ++version, onPoisoned: () => {} })
    const space = ownPidSpace()
    const processId = newProcessId(space)
    try {
      const holder = ledger.fact(HOLDER)
      if (holder !== undefined && !isKnownDead(holder, space)) throw busy(holder)
      if (holder !== undefined) await ledger.removeFacts([HOLDER])
      const claimed = await ledger.claimFact(HOLDER, processId)
      if (claimed !== processId) throw busy(claimed)
      return new Manifest(ledger, processId)
    } catch (error) {
      endProcessId(processId)
      await ledger.close()
      throw error
    }
  }

  /** Opens one only if there is one: to look at what was done, where nothing is to be written. */
  static async openIfThere(path: string, from: string, to: string): Promise<Manifest | undefined> {
    return existsSync(join(path, 'data.mdb')) ? Manifest.open(path, from, to) : undefined
  }

  /**
   * What the two listings show: what was `done`; at the target what was done, of which the source has another state by
   * now (`outdated`); or something else, that is to be looked at.
   */
  compare(source: ListedObject, target: ListedObject): 'done' | 'outdated' | 'unknown' {
    const row = this.#waiting.get(source.key) ?? this.#table.get(Buffer.from(source.key))?.value
    if (row === undefined) return 'unknown'
    const [sourceEtag, targetEtag, size] = row
    if (targetEtag !== target.etag || size !== target.size) return 'unknown'
    return sourceEtag === source.etag && size === source.size ? 'done' : 'outdated'
  }

  /** Notes an object that both sides hold; committed within a moment. @throws what an earlier commit met */
  async note(name: string, { sourceEtag, targetEtag, size }: Done): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    this.#waiting.set(name, [sourceEtag, targetEtag, size])
    if (this.#waiting.size >= COMMIT_ROWS) await this.flush()
    else this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), COMMIT_MS)
  }

  /** Commits what was noted. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#committing !== undefined) await this.#committing
    if (this.#waiting.size === 0) return
    // What is noted while these are committed is none of them.
    this.#committing = this.#commit(new Map(this.#waiting)).finally(() => {
      this.#committing = undefined
    })
    await this.#committing
  }

  async #commit(rows: ReadonlyMap<string, Row>): Promise<void> {
    try {
      await this.#ledger.commit([], version => {
        for (const [name, row] of rows) this.#table.put(Buffer.from(name), row, version)
      })
    } catch (error) {
      this.#failure = error
      throw error
    }
    // What came meanwhile stays for the next.
    for (const [name, row] of rows) if (this.#waiting.get(name) === row) this.#waiting.delete(name)
  }

  async close(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.flush()
      await this.#ledger.removeFacts([HOLDER])
    } finally {
      clearTimeout(this.#timer)
      endProcessId(this.#processId)
      await this.#ledger.close()
    }
  }
}

/** Makes the folder of a manifest, and notes in it for people what it is of. @throws `CONFIG_INVALID` where it cannot lie there */
async function makeFolder(path: string, about: object): Promise<void> {
  const unfit = (why: string, cause?: unknown): StorageError => {
    const message = `What a migration has done is to be remembered in ${path}, and ${why}. Name another folder (--state, stateFolder).`
    return new StorageError({ code: 'CONFIG_INVALID', op: 'migrate', message, cause })
  }
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await writeFile(join(path, 'about.json'), `${JSON.stringify(about)}\n`)
  } catch (error) {
    throw unfit(`that cannot be written (${systemCode(error) ?? String(error)})`, error)
  }
  const filesystem = await filesystemOf(path)
  if (filesystem.kind === 'network')
    throw unfit(`that lies on ${filesystem.name}, where its locks do not work`)
}

function busy(holder: string): StorageError {
  const message = `Another process (${pidOf(holder)}) works on this migration; it can be gone on with when that has ended.`
  return new StorageError({ code: 'UNAVAILABLE', op: 'migrate', message, retryable: false })
}
