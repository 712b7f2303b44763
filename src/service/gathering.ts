import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { readChunks, type Source, type SourceOptions, sourceOf } from '../core/source.js'
import { openSpillFile } from '../core/spill-file.js'
import { Packed } from '../transforms/packed.js'

const PIECE_BYTES = 512 * 1024

/** Content of which every byte has come. */
export interface Gathered {
  /** Read from any offset, as often as needed. The given one, where that is so of it. */
  readonly source: Source
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
}

export interface GatherOptions extends Pick<SourceOptions, 'onProgress' | 'signal'> {
  /** Where a file of no name may be made; the system's folder for such files unless given. */
  readonly spillFolder: string | undefined
}

/**
 * Reads content to its end. What can be read again is only hashed; a stream is kept, in memory up to a part and past it
 * in a file of no name.
 *
 * @throws StorageError what reading the content throws; `NO_SPACE` where a stream does not fit on the disk
 */
export async function gatherContent(
  content: Source,
  { spillFolder = tmpdir(), onProgress, signal }: GatherOptions,
): Promise<Gathered> {
  if (content.replayable === true) return hashed(content)
  const packed = new Packed(() => openSpillFile(spillFolder), 'came')
  try {
    for await (const piece of readChunks(content, PIECE_BYTES)) await packed.append(Buffer.from(piece))
    packed.finish()
  } catch (error) {
    await packed.close()
    throw error
  }
  const source = sourceOf(packed, { onProgress, signal })
  return { source, size: packed.size, sha256: packed.sha256 }
}

async function hashed(source: Source): Promise<Gathered> {
  const hash = createHash('sha256')
  let size = 0
  for (;;) {
    const piece = await source.read(size, PIECE_BYTES)
    hash.update(piece)
    size += piece.length
    if (piece.length < PIECE_BYTES) return { source, size, sha256: hash.digest('hex') }
  }
}
