import { createHash } from 'node:crypto'
import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import type { ObjectStat } from '../../core/store.js'
import type { Side } from './side.js'
import type { Throttle } from './throttle.js'

/** The hashes of an object's bytes, as they were read. */
export interface Digest {
  readonly sha256: string
  /** What S3 gives as the ETag of an object that was put in one request. */
  readonly md5: string | undefined
  readonly stat: ObjectStat
}

/**
 * Reads an object to its end.
 *
 * @param withMd5 whether its MD5 is wanted too, which costs more than the SHA-256
 * @throws StorageError `INTEGRITY` if the bytes are not those that are recorded for it, `NOT_FOUND`
 */
export async function digestOf(
  side: Side,
  name: Key,
  withMd5: boolean,
  throttle: Throttle,
  signal: AbortSignal | undefined,
): Promise<Digest> {
  const { stat, body } = await side.get(name, { signal })
  const sha256 = createHash('sha256')
  const md5 = withMd5 ? createHash('md5') : undefined
  let size = 0
  try {
    for await (const piece of body) {
      const waiting = throttle.take(piece.length)
      if (waiting !== undefined) await waiting
      sha256.update(piece)
      md5?.update(piece)
      size += piece.length
    }
  } finally {
    await body.close()
  }
  const digest = sha256.digest('hex')
  if (size !== stat.size || (stat.sha256 !== undefined && stat.sha256 !== digest)) throw rotten(side, name)
  return { sha256: digest, md5: md5?.digest('hex'), stat }
}

/** The error for bytes that are not those that were once written. */
export function rotten(side: Side, key: Key): StorageError {
  const message = `The bytes that ${side.name} gives are not those that were stored: they have another SHA-256.`
  return new StorageError({ code: 'INTEGRITY', op: 'get', key, message })
}
