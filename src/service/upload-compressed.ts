import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { openSource, readChunks } from '../core/source.js'
import type { StorageService } from '../service.js'
import type { UploadOptions, UploadResult } from '../storage.js'
import { createEncoder } from '../transforms/codecs.js'
import { checkOptions, invalidArgument } from './arguments.js'

const PIECE_BYTES = 256 * 1024

/** What an upload of a gzip file takes; the rest of {@link UploadOptions} is settled by what it is. */
export type UploadCompressedOptions = Omit<
  UploadOptions,
  'compress' | 'contentType' | 'contentEncoding' | 'size' | 'sha256'
>

/** Stores a file of the disk as a gzip file, `<key>.gz`; its bytes are compressed while they are sent. */
export async function storeGzipped(
  storage: Pick<StorageService, 'uploadMade'>,
  path: string,
  key: string,
  options: UploadCompressedOptions | undefined,
): Promise<UploadResult> {
  if (typeof path !== 'string') throw invalidArgument('put', 'path', path, 'the path of a file')
  if (typeof key !== 'string') throw invalidArgument('put', 'key', key, 'a key, without the ".gz"')
  checkOptions('put', options)
  const source = await openSource({ path }, { signal: options?.signal })
  const gzip = createEncoder('gzip')
  const hash = createHash('sha256')
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const piece of readChunks(source, PIECE_BYTES)) {
      hash.update(piece)
      yield piece
    }
  }
  // An error of reading is the stream's own then, and so the upload's.
  pipeline(pieces, gzip).catch(() => {})
  try {
    const given = { ...options, contentType: 'application/gzip' }
    return await storage.uploadMade(gzip, `${key}.gz`, given, { source, sha256: () => hash.digest('hex') })
  } finally {
    gzip.destroy()
    await source.close()
  }
}
