import { createHash } from 'node:crypto'
import { StorageError } from '../../src/core/errors.js'
import type { Key } from '../../src/core/key.js'
import { readChunks, type Source } from '../../src/core/source.js'
import type { SpillFile } from '../../src/failover/retained-source.js'
import type { SpoolBytes, Spooled, SpooledFile, SpoolWriteOptions } from '../../src/failover/spool-bytes.js'

/** The spool's files in memory. */
export class MemorySpool implements SpoolBytes {
  readonly files = new Map<string, Buffer>()

  async write(id: string, source: Source, options: SpoolWriteOptions): Promise<Spooled> {
    const pieces: Buffer[] = []
    for await (const piece of readChunks(source, 64 * 1024)) pieces.push(Buffer.from(piece))
    const bytes = Buffer.concat(pieces)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    if (options.sha256 !== undefined && options.sha256 !== sha256) {
      const message = 'Other content than declared.'
      throw new StorageError({
        code: 'INVALID_ARGUMENT',
        op: 'put',
        key: options.key,
        store: 'local',
        message,
      })
    }
    this.files.set(id, bytes)
    return { file: id, size: bytes.length, sha256 }
  }

  async open(id: string, key: Key): Promise<SpooledFile> {
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
