import { tmpdir } from 'node:os'
import type { StorageError } from '../../core/errors.js'
import { openSpillFile } from '../../core/spill-file.js'
import type { FileStat } from '../../storage.js'
import { Packed } from '../../transforms/packed.js'

/** Lines that are gathered before they are appended. */
const BLOCK_CHARACTERS = 64 * 1024
const PIECE_BYTES = 256 * 1024

/** Text that grows line by line, and is read when its length is known: past some MiB it lies in a file of no name. */
export class LongText {
  readonly #packed = new Packed(() => openSpillFile(tmpdir()), 'came')
  #block = ''

  async line(text: string): Promise<void> {
    this.#block += `${text}\n`
    if (this.#block.length >= BLOCK_CHARACTERS) await this.#append()
  }

  /** Ends it. @returns its bytes, of which there are then `size` */
  async finish(): Promise<{ size: number; pieces: () => AsyncGenerator<Uint8Array, void, void> }> {
    await this.#append()
    this.#packed.finish()
    const packed = this.#packed
    const { size } = packed
    return {
      size,
      pieces: async function* () {
        for (let at = 0; at < size; at += PIECE_BYTES) {
          yield await packed.read(at, Math.min(PIECE_BYTES, size - at))
        }
      },
    }
  }

  close(): Promise<void> {
    return this.#packed.close()
  }

  async #append(): Promise<void> {
    await this.#packed.append(Buffer.from(this.#block))
    this.#block = ''
  }
}

/** A file of the archive, as the manifest tells of it. */
export interface ManifestFile {
  readonly path: string
  readonly stat: FileStat
  /** That of the bytes; absent for those that were not read to their end, and of which nobody recorded one. */
  readonly sha256: string | undefined
  readonly tags: Readonly<Record<string, string>> | undefined
  /** What is wrong with the bytes that are there. */
  readonly error?: StorageError
}

/** The line of a file: of what is as it should be, nothing that says so. */
export function fileLine({ path, stat, sha256, tags, error }: ManifestFile): string {
  const { key, size, contentType, fileName, contentEncoding, contentDisposition, cacheControl } = stat
  const { lastModified, expiresAt, metadata } = stat
  return JSON.stringify({
    key,
    path: path === key ? undefined : path,
    size,
    sha256,
    contentType,
    fileName,
    contentEncoding,
    contentDisposition,
    cacheControl,
    lastModified,
    expiresAt,
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    tags: tags === undefined || Object.keys(tags).length === 0 ? undefined : tags,
    error: error === undefined ? undefined : errorOf(error),
  })
}

/** The line of a file that is not in the archive. */
export function missingLine(key: string, error: StorageError): string {
  return JSON.stringify({ key, error: errorOf(error) })
}

function errorOf({ code, message }: StorageError): { code: string; message: string } {
  return { code, message }
}

/** What `sha256sum -c` reads: no key has a character that it would need escaped. */
export function sumLine(sha256: string, path: string): string {
  return `${sha256}  ${path}`
}
