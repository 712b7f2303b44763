import { createHash } from 'node:crypto'
import { StorageError } from '../../src/core/errors.js'
import type { Key } from '../../src/core/key.js'
import { readChunks, type Source } from '../../src/core/source.js'
import type { SpillFile } from '../../src/core/spill-file.js'
import { HELD } from '../../src/failover/journal.js'
import {
  type Held,
  heldFile,
  type SpoolBytes,
  type Spooled,
  type SpooledFile,
  type SpoolWriteOptions,
} from '../../src/failover/spool-bytes.js'
import type { MemoryJournal } from './memory-journal.js'

/** Content of so many bytes is committed with its row. */
const HELD_BYTES = 8

/** The spool's files in memory. */
export class MemorySpool implements SpoolBytes {
  readonly files = new Map<string, Buffer>()
  readonly #journal: MemoryJournal
  #held = 0

  constructor(journal: MemoryJournal) {
    this.#journal = journal
  }

  /** How much content there is, wherever it lies. */
  get kept(): number {
    return this.files.size + this.#journal.held.size
  }

  async hold(source: Source, options: SpoolWriteOptions): Promise<Held | undefined> {
    const content = Buffer.from(await source.read(0, HELD_BYTES + 1))
    if (content.length > HELD_BYTES) return undefined
    const sha256 = createHash('sha256').update(content).digest('hex')
    checkSha256(sha256, options)
    return { file: `${HELD}${++this.#held}`, size: content.length, sha256, content }
  }

  async write(id: string, source: Source, options: SpoolWriteOptions): Promise<Spooled> {
    const pieces: Buffer[] = []
    for await (const piece of readChunks(source, 64 * 1024)) pieces.push(Buffer.from(piece))
    const bytes = Buffer.concat(pieces)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    checkSha256(sha256, options)
    this.files.set(id, bytes)
    return { file: id, size: bytes.length, sha256 }
  }

  async open(id: string, key: Key): Promise<SpooledFile> {
    if (id.startsWith(HELD)) return heldFile(this.#journal.held.get(id) ?? Buffer.alloc(0))
    const bytes = this.files.get(id)
    if (bytes === undefined) {
      const message = 'The file is missing.'
      throw new StorageError({ code: 'INTEGRITY', op: 'get', key, store: 'local', message })
    }
    return {
      size: bytes.length,
      read: async (offset, length) => bytes.subarray(offset, offset + length),
      close: async () => {},
    }
  }

  async remove(id: string): Promise<void> {
    this.files.delete(id)
  }

  pathOf(): undefined {
    return undefined
  }
}

function checkSha256(found: string, { key, sha256 }: SpoolWriteOptions): void {
  if (sha256 === undefined || sha256 === found) return
  const message = 'Other content than declared.'
  throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'put', key, store: 'local', message })
}

/** A spill file in memory. */
export async function memorySpill(): Promise<SpillFile> {
  let bytes = Buffer.alloc(0)
  return {
    write: async (more, offset) => {
      bytes = Buffer.concat([bytes.subarray(0, offset), more])
    },
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => {},
  }
}
