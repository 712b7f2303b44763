import { createHash } from 'node:crypto'
import { gather, spent } from '../core/body.js'
import { StorageError, throwIfAborted } from '../core/errors.js'
import type { Key } from '../core/key.js'
import { resolveRange } from '../core/range.js'
import type { Source } from '../core/source.js'
import type { Body, GetOptions, OpenObject } from '../core/store.js'
import { type HeldContent, type JournaledPut, statOfState } from './journal.js'

/**
 * Where the only copy of acknowledged bytes lies until the primary holds them: a durable file each, or the journal
 * itself where they are few.
 */
export interface SpoolBytes {
  /**
   * Takes small content into memory, to be made durable by the commit of the row that names it.
   *
   * @returns undefined if it is not small: nothing of it is used up then
   * @throws StorageError as {@link write} does
   */
  hold(source: Source, options: SpoolWriteOptions): Promise<Held | undefined>
  /**
   * Writes the source to a file of its own; whole and durable when it resolves, gone when it rejects.
   *
   * @throws StorageError `NO_SPACE`, `INVALID_ARGUMENT` for another SHA-256 than declared, and what the source throws
   */
  write(id: string, source: Source, options: SpoolWriteOptions): Promise<Spooled>
  /** @throws StorageError `INTEGRITY` if it is not there; what lies in the journal and is not there has no bytes */
  open(file: string, key: Key): Promise<SpooledFile>
  /** Removes the file, if it is there. What lies in the journal goes with its row. */
  remove(file: string): Promise<void>
  /** Where a person finds the file; undefined for what lies in the journal. */
  pathOf(file: string): string | undefined
}

/** What was written, and the name that the spool gave its file. */
export interface Spooled {
  readonly file: string
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** Small content that is not durable yet. */
export interface Held extends Spooled, HeldContent {}

export interface SpoolWriteOptions {
  readonly key: Key
  readonly sha256?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** An opened file of the spool. It stays readable when it is removed. */
export interface SpooledFile {
  readonly size: number
  /** Fewer bytes only at the end. */
  read(offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

const PIECE_BYTES = 256 * 1024

/** Opens acknowledged bytes for a reader. @throws StorageError `INTEGRITY`, `RANGE_NOT_SATISFIABLE` */
export async function openSpooled(
  bytes: SpoolBytes,
  key: Key,
  state: JournaledPut,
  options: GetOptions,
): Promise<OpenObject> {
  const stat = statOfState(key, state, bytes.pathOf(state.file))
  const range = options.range === undefined ? undefined : resolveRange(options.range, state.size, key)
  const file = await openWhole(bytes, key, state)
  const { start, end } = range ?? { start: 0, end: state.size - 1 }
  const body = new SpoolBody(file, key, {
    start,
    end: end + 1,
    sha256: range === undefined ? state.sha256 : undefined,
    signal: options.signal,
  })
  return { stat, body, ...(range !== undefined && { range }) }
}

/** Opens the file of a state, and checks its length. @throws StorageError `INTEGRITY` */
export async function openWhole(bytes: SpoolBytes, key: Key, state: JournaledPut): Promise<SpooledFile> {
  const file = await bytes.open(state.file, key)
  if (file.size === state.size) return file
  await file.close()
  throw rotten(key, `has ${file.size} bytes, and ${state.size} were acknowledged`)
}

/** The error for acknowledged bytes that are not there any more, or not the same. */
export function rotten(key: Key, what: string, cause?: unknown): StorageError {
  return new StorageError({
    code: 'INTEGRITY',
    op: 'get',
    key,
    store: 'local',
    message: `The file that holds the only copy ${what}.`,
    cause,
  })
}

/** A spooled file as content to send. Reading it to its end in order proves the SHA-256. */
export function spooledSource(file: SpooledFile): Source {
  return {
    size: file.size,
    replayable: true,
    read: (offset, length) => file.read(offset, Math.max(0, Math.min(length, file.size - offset))),
    release: () => {},
    close: () => file.close(),
  }
}

/** Content in memory as a spooled file. */
export function heldFile(content: Buffer): SpooledFile {
  return {
    size: content.length,
    read: async (offset, length) => content.subarray(offset, offset + length),
    close: async () => {},
  }
}

/** The SHA-256 of a file, read through once. @throws `ABORTED` */
export async function hashOf(file: SpooledFile, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for (let offset = 0; offset < file.size; ) {
    throwIfAborted(signal, 'get')
    const piece = await file.read(offset, PIECE_BYTES)
    if (piece.length === 0) break
    hash.update(piece)
    offset += piece.length
  }
  return hash.digest('hex')
}

interface Part {
  readonly start: number
  readonly end: number
  /** Checked where the whole is read. */
  readonly sha256: string | undefined
  readonly signal: AbortSignal | undefined
}

class SpoolBody implements Body {
  readonly #file: SpooledFile
  readonly #key: Key
  readonly #part: Part
  #taken = false

  constructor(file: SpooledFile, key: Key, part: Part) {
    this.#file = file
    this.#key = key
    this.#part = part
  }

  bytes(maxBytes?: number): Promise<Buffer> {
    return gather(this, { key: this.#key, store: 'local' }, this.#part.end - this.#part.start, maxBytes)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    if (this.#taken) throw spent({ key: this.#key, store: 'local' })
    this.#taken = true
    const { start, end, sha256, signal } = this.#part
    const hash = sha256 === undefined ? undefined : createHash('sha256')
    try {
      let offset = start
      while (offset < end) {
        throwIfAborted(signal, 'get', this.#key)
        const piece = await this.#file.read(offset, Math.min(PIECE_BYTES, end - offset))
        if (piece.length === 0) throw rotten(this.#key, 'was cut')
        hash?.update(piece)
        offset += piece.length
        // The last piece is held back until the whole is known to be right.
        if (offset >= end && hash !== undefined && hash.digest('hex') !== sha256) {
          throw rotten(this.#key, 'has other bytes than were acknowledged')
        }
        yield piece
      }
    } finally {
      await this.#file.close()
    }
  }

  async close(): Promise<void> {
    this.#taken = true
    await this.#file.close()
  }
}
