import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute, relative, sep } from 'node:path'
import { StorageError } from '../../core/errors.js'
import { type Key, RESERVED_PREFIX } from '../../core/key.js'
import { openSource } from '../../core/source.js'
import type { Location } from './location.js'
import { realPath } from './open-side.js'
import type { Side } from './side.js'
import { StoreSide } from './store-side.js'

/**
 * Refuses a source and target of which one holds the other, by what their names tell: the same folder or bucket, a
 * folder within the other (through whatever links), a prefix within the other.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export async function refuseSameName(from: Location, to: Location): Promise<void> {
  if (from.kind === 'store' && to.kind === 'store' && from.store === to.store) throw same('The same store')
  if (from.kind === 'folder' && to.kind === 'folder') {
    const [a, b] = [await realPath(from.path), await realPath(to.path)]
    if (holds(a, b) || holds(b, a)) throw same(a === b ? a : `Of ${a} and ${b}, one lies in the other: it`)
    const [x, y] = await Promise.all([a, b].map(path => stat(path).catch(() => undefined)))
    // Mounted twice.
    if (x !== undefined && y !== undefined && x.dev === y.dev && x.ino === y.ino) throw same(`${a}, as ${b},`)
  }
  if (from.kind !== 'bucket' || to.kind !== 'bucket' || areApart(from.prefix, to.prefix)) return
  const isSame =
    originOf(from) === originOf(to) && from.config.objectStorageBucket === to.config.objectStorageBucket
  if (isSame) throw same(`The bucket ${from.config.objectStorageBucket}`)
}

/**
 * Refuses two buckets that turn out to be one, by another name or another endpoint: an object that is put at the
 * target and is at the source too.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export async function refuseSameBucket(
  source: Side,
  target: Side,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!(source instanceof StoreSide) || !(target instanceof StoreSide)) return
  if (source.store.kind !== 's3' || target.store.kind !== 's3' || areApart(source.prefix, target.prefix))
    return
  // Within both, so that both may be asked for it.
  const within = source.prefix.length > target.prefix.length ? source.prefix : target.prefix
  const key = `${within}${RESERVED_PREFIX}migration/${randomUUID()}` as Key
  const content = await openSource(Buffer.from('Whether two buckets are one.\n'))
  const attributes = { contentType: 'text/plain', metadata: {} }
  const written = await target.store.put(key, content, { attributes, signal }).catch(target.named)
  try {
    const seen = await source.store.head(key, { signal }).catch((error: unknown) => {
      if (StorageError.is(error, 'NOT_FOUND') || StorageError.is(error, 'PERMISSION_DENIED')) return undefined
      return source.named(error)
    })
    if (seen?.etag === written.etag) throw same(`${source.name}, as ${target.name},`)
  } finally {
    await target.store.delete(key).catch(() => {})
  }
}

function holds(folder: string, other: string): boolean {
  const path = relative(folder, other)
  return path === '' || (path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path))
}

function areApart(a: string, b: string): boolean {
  return !a.startsWith(b) && !b.startsWith(a)
}

function originOf({ config }: Extract<Location, { kind: 'bucket' }>): string {
  const { objectStorageEndpoint: endpoint, objectStorageRegion: region } = config
  return endpoint === undefined ? `https://s3.${region}.amazonaws.com` : new URL(endpoint).origin
}

function same(what: string): StorageError {
  const message = `${what} is both where objects come from and where they go to; accepted: two stores that are apart.`
  return new StorageError({ code: 'INVALID_ARGUMENT', op: 'migrate', message })
}
