import { createHash, randomUUID } from 'node:crypto'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lookup } from 'mime-types'
import { DEFAULT_CONTENT_TYPE } from '../../core/attributes.js'
import { StorageError, shown, throwIfAborted } from '../../core/errors.js'
import { isKey } from '../../core/key.js'
import { type FileIdentity, type FileStat, sameIdentity, systemCode } from './files.js'
import { failure, storageError } from './io-error.js'
import type { RowWrite, VersionedRow } from './ledger.js'
import { openIdentical } from './reading.js'
import type { Root } from './root.js'
import type { Row, StoredObject } from './row.js'

/** How long a file's size and time must have stood still before it is taken for finished. */
export const STILL_MS = 2000

/** Files committed together. */
const BATCH = 256
/** Adopted files between two notes of how far the scan has come. */
const NOTE_EVERY = 4096
const READ_BYTES = 1024 * 1024

/** What an import came to. */
export interface ImportReport {
  readonly imported: number
  readonly skipped: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * Tells whether files have stood still. By their own times; and, since those may lie in the future or be set
 * at will, by having been looked at twice.
 */
export class Stillness {
  readonly #seen = new Map<string, { identity: FileIdentity; at: number }>()
  readonly #stillMs: number

  constructor(stillMs: number) {
    this.#stillMs = stillMs
  }

  /** Milliseconds until the file may have stood still for long enough; 0 if it has. */
  wait(path: string, identity: FileIdentity): number {
    const age = Date.now() - identity.mtimeMs
    if (age >= this.#stillMs) return 0
    const now = performance.now()
    const seen = this.#seen.get(path)
    if (seen === undefined || !sameIdentity(seen.identity, identity)) {
      // Bounded: what is forgotten is only looked at for longer.
      if (this.#seen.size >= 10_000) this.#seen.clear()
      this.#seen.set(path, { identity, at: now })
      return age >= 0 ? Math.ceil(this.#stillMs - age) : this.#stillMs
    }
    const left = this.#stillMs - (now - seen.at)
    return left <= 0 ? 0 : Math.ceil(age >= 0 ? Math.min(left, this.#stillMs - age) : left)
  }
}

/**
 * Takes files that somebody else put into the folder, or changed there, for objects: in place, once they have
 * stood still.
 */
export class Adopter {
  readonly #root: Root
  readonly #stillness: Stillness

  constructor(root: Root, stillMs = STILL_MS) {
    this.#root = root
    this.#stillness = new Stillness(stillMs)
  }

  /**
   * Adopts the file at a key's path, if there is one and no row.
   *
   * @returns whether there is an object now
   * @throws StorageError `UNAVAILABLE` (retryable) while the file is still being written
   */
  async adoptKey(op: string, key: string): Promise<boolean> {
    const stat = await this.look(key)
    // A row that came meanwhile explains the file: another process commits first and places then.
    const found = this.#root.ledger.get(key)
    if (stat === undefined || found !== undefined) return found?.row.object !== undefined
    const waitMs = this.#stillness.wait(key, stat)
    if (waitMs > 0) throw stillChanging(op, key, waitMs)
    await this.commit([
      { key, expected: undefined, row: rowOf(key, stat), usage: { count: 1, bytes: stat.size } },
    ])
    return this.#root.ledger.get(key)?.row.object !== undefined
  }

  /** The regular file at a key's own path, reached through no link; undefined if there is none. */
  async look(key: string): Promise<FileStat | undefined> {
    const path = this.#root.placer.tree.path(key) ?? undefined
    if (path === undefined) return undefined
    try {
      const stat = await this.#root.files.lstat(path)
      if (stat.kind !== 'file' || (await this.#root.files.realpath(path)) !== path) return undefined
      return { ...stat, ...this.#root.identityOf(stat) }
    } catch (error) {
      if (ABSENT.has(systemCode(error) ?? '')) return undefined
      throw error
    }
  }

  /** How long the file must still be waited for, in milliseconds. */
  waitFor(key: string, stat: FileIdentity): number {
    return this.#stillness.wait(key, stat)
  }

  /**
   * Commits adopted files, then looks at each again: a file that went meanwhile leaves no row.
   *
   * @returns for each whether it has a row now
   */
  async commit(writes: readonly RowWrite[]): Promise<boolean[]> {
    const done = await this.#root.ledger.writeAll(writes)
    for (const [i, { key, row }] of writes.entries()) {
      if (done[i] !== true || row?.object === undefined) continue
      const stat = await this.look(key)
      if (stat !== undefined && sameIdentity(stat, row.object.identity)) continue
      const found = this.#root.ledger.get(key)
      if (found?.row.object?.writeId !== row.object.writeId) continue
      const { size } = row.object.identity
      await this.#root.ledger.write({
        key,
        expected: found.version,
        row: undefined,
        usage: { count: -1, bytes: -size },
      })
      done[i] = false
    }
    return done
  }

  /**
   * Deals with a file that is not as its row says though the row is the newest. The same bytes under another
   * inode (a restored backup) are told to the row. A placed file that somebody edited becomes a new version.
   *
   * @returns whether the row was changed, so that it is worth reading again
   * @throws StorageError `UNAVAILABLE` (retryable) while the file is still being written
   */
  async reconcile(
    op: string,
    key: string,
    found: VersionedRow,
    path: string,
    stat: FileStat,
  ): Promise<boolean> {
    const { object, work } = found.row
    if (object === undefined || stat.kind !== 'file') return false
    if (object.sha256 !== undefined && stat.size === object.identity.size) {
      if ((await this.#hash(path, stat)) === object.sha256) {
        return this.#replace(key, found, { object: { ...object, identity: identityOf(stat) }, work })
      }
    }
    if (work !== undefined || object.at !== 'tree') return false
    // The link that leads elsewhere is no edited file.
    if ((await this.#root.files.realpath(path).catch(() => undefined)) !== path) return false
    const waitMs = this.#stillness.wait(key, stat)
    if (waitMs > 0) throw stillChanging(op, key, waitMs)
    const { sha256: _, ...kept } = object
    const edited: StoredObject = {
      ...kept,
      writeId: randomUUID(),
      lastModified: Math.trunc(stat.mtimeMs),
      stamp: this.#root.clock.next(object.stamp),
      identity: identityOf(stat),
    }
    return this.#replace(key, found, { object: edited })
  }

  async #replace(key: string, found: VersionedRow, row: Row): Promise<boolean> {
    const bytes = (row.object?.identity.size ?? 0) - (found.row.object?.identity.size ?? 0)
    const usage = { count: 0, bytes }
    return (await this.#root.ledger.write({ key, expected: found.version, row, usage })) !== undefined
  }

  /** The SHA-256 of a file that stays as it was seen; undefined if it does not. */
  async #hash(path: string, identity: FileIdentity): Promise<string | undefined> {
    const { files } = this.#root
    const opened = await openIdentical(files, path, identity, stat => this.#root.identityOf(stat))
    if (!('hit' in opened)) return undefined
    const { fd } = opened.hit
    try {
      const hash = createHash('sha256')
      const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, identity.size))
      for (let at = 0; at < identity.size; ) {
        const read = await files.read(fd, buffer, Math.min(buffer.length, identity.size - at), at)
        if (read === 0) return undefined
        hash.update(buffer.subarray(0, read))
        at += read
      }
      return hash.digest('hex')
    } finally {
      await files.close(fd)
    }
  }
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EINVAL', 'EILSEQ'])

/** The row of a file that was found. */
export function rowOf(key: string, stat: FileStat): Row {
  return {
    object: {
      writeId: randomUUID(),
      lastModified: Math.trunc(stat.mtimeMs),
      attributes: { contentType: lookup(key) || DEFAULT_CONTENT_TYPE, metadata: {} },
      at: 'tree',
      identity: identityOf(stat),
    },
  }
}

function identityOf({ dev, ino, size, mtimeMs }: FileIdentity): FileIdentity {
  return { dev, ino, size, mtimeMs }
}

function stillChanging(op: string, key: string, waitMs: number): StorageError {
  return new StorageError({
    code: 'UNAVAILABLE',
    op,
    key,
    store: 'local',
    message: `The file of ${shown(key)} is being changed outside of Holdfast; it is readable once it has stood still.`,
    retryAfterMs: waitMs,
  })
}

/** Something met while walking through the folder. */
export type Walked =
  | { readonly key: string; readonly stat: FileStat }
  | { readonly path: string; readonly reason: string }

/**
 * Walks through the folder's files in an order that does not change, so that a walk can go on behind a place
 * it had reached. Holdfast's own folder is left out.
 *
 * @param base the folder to walk through, as the start of keys: `''` or ending with `/`
 * @param after segments of the path behind which to go on
 */
export async function* walk(
  root: Root,
  base: string,
  after: readonly string[] = [],
): AsyncGenerator<Walked, void, void> {
  const folder = join(root.path, base)
  const entries = await root.files.readFolder(folder).catch(error => {
    if (ABSENT.has(systemCode(error) ?? '')) return []
    throw error
  })
  entries.sort((a, b) => a.name.compare(b.name))
  const [next, ...deeper] = after
  const from = next === undefined ? undefined : Buffer.from(next)
  for (const entry of entries) {
    const order = from === undefined ? 1 : entry.name.compare(from)
    if (order < 0 || (order === 0 && entry.kind !== 'folder')) continue
    const name = entry.name.toString()
    const key = base + name
    if (base === '' && name === '.holdfast') continue
    if (!Buffer.from(name).equals(entry.name) || !isKey(key)) {
      yield { path: key, reason: 'its name cannot be a key' }
    } else if (entry.kind === 'folder') {
      yield* walk(root, `${key}/`, order === 0 ? deeper : [])
    } else if (entry.kind !== 'file') {
      yield {
        path: key,
        reason: entry.kind === 'link' ? 'it is a symbolic link' : 'it is not a regular file',
      }
    } else {
      const stat = await root.files.lstat(join(root.path, key)).catch(() => undefined)
      if (stat?.kind === 'file') yield { key, stat: { ...stat, ...root.identityOf(stat) } }
    }
  }
}

/** The one scan of a folder whose ledger is new: adopts what was there before, and goes on where it was left. */
export class AdoptionScan {
  readonly #root: Root
  readonly #adopter: Adopter
  readonly #stop = new AbortController()
  #running: boolean
  /** Settles when the scan has ended, one way or the other. */
  readonly done: Promise<void>

  constructor(root: Root, adopter: Adopter) {
    this.#root = root
    this.#adopter = adopter
    this.#running = root.ledger.fact(FACT) !== DONE
    this.done = this.#running ? this.#run() : Promise.resolve()
  }

  /** Whether files may be in the folder that have no row yet. */
  get running(): boolean {
    return this.#running
  }

  /** Ends the scan where it is. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.done
  }

  async #run(): Promise<void> {
    try {
      let late = await this.#pass()
      while (late.length > 0) {
        await sleep(STILL_MS / 2, undefined, { signal: this.#stop.signal, ref: false })
        late = await this.#again(late)
      }
      await this.#root.ledger.setFact(FACT, DONE)
      this.#running = false
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#root.diskFailed(error)
      const why = storageError(error, 'adopt').message
      this.#root.addProblem(
        'ADOPTION_STOPPED',
        `Files that were in the folder before could not all be adopted: ${why}`,
      )
    }
  }

  /** @returns the keys of files that had not stood still */
  async #pass(): Promise<string[]> {
    const noted = this.#root.ledger.fact(FACT)
    const late: string[] = []
    let batch: RowWrite[] = []
    let sinceNote = 0
    for await (const found of walk(this.#root, '', noted === undefined ? [] : noted.split('/'))) {
      throwIfAborted(this.#stop.signal, 'adopt')
      if ('reason' in found) {
        this.#root.addProblem('NOT_ADOPTED', `${shown(found.path)} was not adopted: ${found.reason}.`)
        continue
      }
      if (this.#adopter.waitFor(found.key, found.stat) > 0) late.push(found.key)
      else batch.push(adoption(found.key, found.stat))
      if (batch.length < BATCH) continue
      await this.#adopter.commit(batch)
      batch = []
      sinceNote += BATCH
      // Behind a file that still waits there is nothing to note: it would be passed over.
      if (sinceNote >= NOTE_EVERY && late.length === 0) {
        await this.#root.ledger.setFact(FACT, found.key)
        sinceNote = 0
      }
    }
    await this.#adopter.commit(batch)
    return late
  }

  async #again(keys: readonly string[]): Promise<string[]> {
    const late: string[] = []
    for (const key of keys) {
      throwIfAborted(this.#stop.signal, 'adopt')
      const stat = await this.#adopter.look(key)
      if (stat === undefined || this.#root.ledger.get(key) !== undefined) continue
      if (this.#adopter.waitFor(key, stat) > 0) late.push(key)
      else await this.#adopter.commit([adoption(key, stat)])
    }
    return late
  }
}

/** The fact that tells how far the scan has come: a key, or that it is done. No key has a space at its end before a NUL. */
const FACT = 'adopted'
const DONE = '\0done'

function adoption(key: string, stat: FileStat): RowWrite {
  return { key, expected: undefined, row: rowOf(key, stat), usage: { count: 1, bytes: stat.size } }
}

/**
 * Takes files that lie in the storage folder for objects, in place: one file, or all below a folder. A file
 * that has an object's name but not its bytes becomes that object's new version.
 *
 * @param path a file or folder, absolute or below the storage folder; all of it unless given
 * @returns how many were taken, and what was passed over and why
 * @throws StorageError `INVALID_ARGUMENT` if the path is not in the folder, or not there
 */
export async function adoptPath(
  root: Root,
  adopter: Adopter,
  path?: string,
  signal?: AbortSignal,
): Promise<ImportReport> {
  const skipped: { path: string; reason: string }[] = []
  let imported = 0
  for await (const found of await filesAt(root, path)) {
    throwIfAborted(signal, 'import')
    const reason = 'reason' in found ? found.reason : await importFile(root, adopter, found.key, found.stat)
    if (reason === undefined) imported++
    else if (reason !== KNOWN) skipped.push({ path: 'key' in found ? found.key : found.path, reason })
  }
  return { imported, skipped }
}

const KNOWN = 'known'

async function filesAt(
  root: Root,
  path: string | undefined,
): Promise<AsyncIterable<Walked> | Iterable<Walked>> {
  if (path === undefined) return walk(root, '')
  const full = isAbsolute(path) ? resolve(path) : resolve(root.path, path)
  const inside = relative(root.path, full)
  const key = inside.split(sep).join('/')
  if (inside.startsWith('..') || isAbsolute(inside)) {
    throw failure(
      'INVALID_ARGUMENT',
      'import',
      undefined,
      `${shown(path)} is not in the storage folder ${root.path}.`,
    )
  }
  if (key === '') return walk(root, '')
  const stat = await root.files.lstat(full).catch(() => undefined)
  if (stat === undefined || !isKey(key) || (await root.files.realpath(full)) !== full) {
    throw failure(
      'INVALID_ARGUMENT',
      'import',
      undefined,
      `${shown(path)} is no file or folder below ${root.path} that can be imported.`,
    )
  }
  if (stat.kind === 'folder') return walk(root, `${key}/`)
  if (stat.kind !== 'file') return [{ path: key, reason: 'it is not a regular file' }]
  return [{ key, stat: { ...stat, ...root.identityOf(stat) } }]
}

/** @returns why the file was not imported; undefined if it was */
async function importFile(
  root: Root,
  adopter: Adopter,
  key: string,
  stat: FileStat,
): Promise<string | undefined> {
  const found = root.ledger.get(key)
  try {
    if (found === undefined) {
      if (adopter.waitFor(key, stat) > 0) return 'it is still being written'
      const [done] = await adopter.commit([adoption(key, stat)])
      return done === true ? undefined : 'it was changed meanwhile'
    }
    const { object, work } = found.row
    if (object !== undefined && sameIdentity(object.identity, stat)) return KNOWN
    if (object?.at !== 'tree' || work !== undefined) {
      return 'an object of this name is kept elsewhere'
    }
    const changed = await adopter.reconcile('import', key, found, join(root.path, key), stat)
    return changed ? undefined : 'it was changed meanwhile'
  } catch (error) {
    if (StorageError.is(error, 'UNAVAILABLE')) return 'it is still being written'
    throw error
  }
}
