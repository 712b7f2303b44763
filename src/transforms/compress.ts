import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type { Encoding, Original } from '../core/compression.js'
import { StorageError } from '../core/errors.js'
import { openSource, readChunks, type Source, type SourceOptions, sourceOf } from '../core/source.js'
import type { SpillFile } from '../core/spill-file.js'
import { createEncoder } from './codecs.js'
import { decoded } from './decode.js'
import { Packed } from './packed.js'

/** How much of content decides whether it is worth compressing. */
const SAMPLE_BYTES = 1024 * 1024
const PIECE_BYTES = 512 * 1024

export interface CompressOptions {
  /** What the sample may keep of its bytes, from 0 to 1: content that does not get below is left as it is. */
  readonly worth: number
  /** Makes the file for what does not fit in memory. */
  readonly openSpill: () => Promise<SpillFile>
  /** Told of what was stored, counted in bytes of the content. */
  readonly onProgress: SourceOptions['onProgress']
  readonly signal: AbortSignal | undefined
}

/** What is to be stored in the place of content: known in length and hash, and read as often as needed. */
export interface Compressed {
  readonly source: Source
  /** SHA-256 of the source's bytes, in lower-case hex. */
  readonly sha256: string
  /** What it was; absent where the source gives the content itself after all. */
  readonly original?: Original
}

interface Pack {
  readonly packed: Packed
  readonly original: Original
}

/**
 * Compresses content, all of it before anything is stored: only then are its length and hash known, which an object
 * store wants to hear first. Memory holds a part; what is longer waits in a nameless file.
 *
 * @returns undefined where the content is to be stored as it is; then it can be read from its beginning still
 * @throws StorageError what reading the content throws; `NO_SPACE` where a stream does not fit on the disk
 */
export async function compress(
  content: Source,
  encoding: Encoding,
  options: CompressOptions,
): Promise<Compressed | undefined> {
  const sample = await content.read(0, SAMPLE_BYTES)
  const pack = await packAll(encoding, [sample], options)
  if (!(pack.packed.size < pack.original.size * options.worth)) {
    await pack.packed.close()
    return undefined
  }
  if (sample.length < SAMPLE_BYTES || content.size === sample.length) return compressed(pack, options)
  await pack.packed.close()
  return compressLarge(content, encoding, options)
}

async function compressLarge(
  content: Source,
  encoding: Encoding,
  options: CompressOptions,
): Promise<Compressed | undefined> {
  const replayable = content.replayable === true
  let pack: Pack
  try {
    pack = await packAll(encoding, readChunks(content, PIECE_BYTES), options)
  } catch (error) {
    // A disk that is too full to compress on may not be needed at all.
    if (replayable && StorageError.is(error, 'NO_SPACE')) return undefined
    throw error
  }
  const { packed, original } = pack
  if (packed.size < original.size) return compressed(pack, options)
  // The rest did not keep what the sample promised.
  if (replayable) {
    await packed.close()
    return undefined
  }
  const { onProgress, signal } = options
  const source = await openSource(decoded(packed, original), { size: original.size, onProgress, signal })
  return { source: closingBoth(source, packed), sha256: original.sha256 }
}

function compressed({ packed, original }: Pack, { onProgress, signal }: CompressOptions): Compressed {
  const scaled: SourceOptions['onProgress'] =
    onProgress &&
    (({ sentBytes }) => {
      const part = packed.size === 0 ? 1 : sentBytes / packed.size
      onProgress({ sentBytes: Math.round(part * original.size), totalBytes: original.size })
    })
  return { source: sourceOf(packed, { onProgress: scaled, signal }), sha256: packed.sha256, original }
}

async function packAll(
  encoding: Encoding,
  pieces: Iterable<Buffer> | AsyncIterable<Buffer>,
  { openSpill }: CompressOptions,
): Promise<Pack> {
  const packed = new Packed(openSpill)
  const hash = createHash('sha256')
  let size = 0
  try {
    await pipeline(
      async function* () {
        for await (const piece of pieces) {
          // A caller who reuses the content while it is worked on changes neither bytes nor hash.
          const copy = Buffer.from(piece)
          hash.update(copy)
          size += copy.length
          yield copy
        }
      },
      createEncoder(encoding),
      async chunks => {
        for await (const chunk of chunks) await packed.append(chunk as Buffer)
      },
    )
    packed.finish()
  } catch (error) {
    await packed.close()
    throw error
  }
  return { packed, original: { encoding, size, sha256: hash.digest('hex') } }
}

function closingBoth(source: Source, packed: Packed): Source {
  return {
    size: source.size,
    read: (offset, length) => source.read(offset, length),
    release: offset => source.release(offset),
    close: async () => {
      await source.close()
      await packed.close()
    },
  }
}
