import type { Key } from '../../core/key.js'
import type { ListedObject, ObjectStat } from '../../core/store.js'
import { type Digest, digestOf } from './digest.js'
import type { Side } from './side.js'
import type { Throttle } from './throttle.js'

/** Which bytes are read to compare two objects, beside those of which nothing comparable is recorded. */
export type Reading = 'nothing' | 'local' | 'everything'

/** Two objects of one name, as the listings tell of them. */
export interface Two {
  readonly name: Key
  readonly source: ListedObject
  readonly target: ListedObject
}

interface CompareOptions {
  readonly reading: Reading
  readonly throttle: Throttle
  readonly signal: AbortSignal | undefined
}

const MD5 = /^[0-9a-f]{32}$/

/**
 * Whether both sides hold the same bytes: by what is recorded of them where that is enough, else by reading them.
 *
 * @throws StorageError `INTEGRITY` where bytes that are read are not those that are recorded; `NOT_FOUND` if one is gone
 */
export async function haveSameBytes(
  sides: { readonly source: Side; readonly target: Side },
  { name, source, target }: Two,
  options: CompareOptions,
): Promise<boolean> {
  if (source.size !== target.size) return false
  const { reading, throttle, signal } = options
  const areBuckets = sides.source.kind === 'bucket' && sides.target.kind === 'bucket'
  // The MD5 of what was put in one request; or a random word, which no two objects share by chance.
  if (reading !== 'everything' && areBuckets && MD5.test(source.etag) && source.etag === target.etag)
    return true

  const isRead = (side: Side): boolean =>
    side.kind === 'files' || reading === 'everything' || (reading === 'local' && side.isLocal)
  const etagOfOther = (side: Side): string => (side === sides.source ? target.etag : source.etag)
  const known = new Map<Side, Digest>()
  const read = async (side: Side): Promise<Digest> => {
    const found = known.get(side)
    if (found !== undefined) return found
    const withMd5 = !isRead(otherOf(sides, side)) && MD5.test(etagOfOther(side))
    const digest = await digestOf(side, name, withMd5, throttle, signal)
    known.set(side, digest)
    return digest
  }
  for (const side of [sides.source, sides.target]) {
    if (!isRead(side)) continue
    const digest = await read(side)
    if (digest.md5 !== undefined && digest.md5 === etagOfOther(side)) return true
  }
  const recorded = async (side: Side): Promise<ObjectStat> =>
    known.get(side)?.stat ?? (await side.head(name, { signal }))
  const [a, b] = await Promise.all([recorded(sides.source), recorded(sides.target)])
  const areRead = known.size > 0
  // One write is one state of one object; but not where its bytes have rotted since.
  if (!areRead && a.writeId !== undefined && a.writeId === b.writeId) return true
  const sha256 = async (side: Side, stat: ObjectStat): Promise<string> =>
    known.get(side)?.sha256 ?? stat.sha256 ?? (await read(side)).sha256
  return (await sha256(sides.source, a)) === (await sha256(sides.target, b))
}

function otherOf(sides: { readonly source: Side; readonly target: Side }, side: Side): Side {
  return side === sides.source ? sides.target : sides.source
}
