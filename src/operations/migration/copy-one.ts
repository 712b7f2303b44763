import { createHash, hash } from 'node:crypto'
import { type Attributes, attributesOf } from '../../core/attributes.js'
import { chooseContentType, PROOF_BYTES } from '../../core/content-type.js'
import { StorageError } from '../../core/errors.js'
import type { Key } from '../../core/key.js'
import { openSource, type Source } from '../../core/source.js'
import type { Stamp } from '../../core/stamp.js'
import type { ListedObject, ObjectStat, OpenObject } from '../../core/store.js'
import { expiryOfWriteId } from '../../core/write-id.js'
import { digestOf, rotten } from './digest.js'
import type { Side } from './side.js'
import type { Throttle } from './throttle.js'

/** Up to this size the bytes of an object are read at once, before anything is sent. */
export const WHOLE_BYTES = 8 * 1024 * 1024

/** What S3 says of an object of which nobody said what it is. */
const UNSTATED = 'binary/octet-stream'

export interface CopyContext {
  readonly source: Side
  readonly target: Side
  readonly throttle: Throttle
  /** Whether the copy is read back. */
  readonly verify: boolean
  readonly signal: AbortSignal | undefined
  /** Told of bytes as they come through; of fewer than none if they came to nothing. */
  readonly moved: (bytes: number) => void
}

/** What was copied: the source's object as it was read, and the target's. */
export interface Copied {
  readonly source: ObjectStat
  readonly target: ObjectStat
}

/**
 * Copies one object, with all that it carries, to where none is, or in the place of one.
 *
 * Its bytes are hashed while they come through: against what the source has recorded of them before the target has
 * the object, so that what has rotted is not copied. A copy of an object that has a write id and stamp has the same;
 * another gets its time as the stamp, so that it is older than what is written now.
 *
 * @param existing what the target has, to be replaced; nothing else is
 * @param nameOf names the copy, by the same write id if it is tried again
 * @throws StorageError `NOT_FOUND` if the source has it no more, `INTEGRITY`, `ALREADY_EXISTS` or `PRECONDITION_FAILED` if the
 *   target has something else by now, and what the two stores throw
 */
export async function copyOne(
  context: CopyContext,
  name: Key,
  existing: ListedObject | undefined,
  nameOf: (expiresAt: number | undefined) => string,
): Promise<Copied> {
  const { source, target, signal, moved } = context
  const tags = source.tags?.(name, { signal })
  // Whoever comes to need them hears of a failure.
  tags?.catch(() => {})
  const opened = await source.get(name, { signal })
  let through = 0
  try {
    const { stat } = opened
    if (stat.expiresAt !== undefined && stat.expiresAt <= Date.now()) throw expired(source, name)
    const content = await contentOf(context, name, opened, bytes => {
      through += bytes
      moved(bytes)
    })
    try {
      const attributes = await attributesFor(context, name, stat, content, tags)
      const written = await put(context, name, content, existing, {
        attributes,
        sha256: stat.sha256,
        writeId: carriedId(source, stat) ?? nameOf(attributes.expiresAt),
        stamp: stat.stamp ?? stampOf(stat),
        signal,
      })
      if (written.size !== stat.size) throw rotten(target, name)
      if (context.verify) await readBack(context, name, written)
      return { source: stat, target: written }
    } finally {
      await content.close()
    }
  } catch (error) {
    moved(-through)
    throw error
  } finally {
    await opened.body.close()
  }
}

/** The bytes as the target reads them: all at once where they are few, and let through at the rate that is given. */
async function contentOf(
  context: CopyContext,
  name: Key,
  { stat, body }: OpenObject,
  moved: (bytes: number) => void,
): Promise<Source> {
  const { source, throttle, signal } = context
  const expected = source.verifiesReads ? undefined : stat.sha256
  if (stat.size > WHOLE_BYTES) {
    const pieces = letThrough(body, throttle, moved, expected, () => rotten(source, name))
    return openSource(pieces, { size: stat.size, signal })
  }
  const waiting = throttle.take(stat.size)
  if (waiting !== undefined) await waiting
  const bytes = await body.bytes(WHOLE_BYTES)
  if (expected !== undefined && hash('sha256', bytes, 'hex') !== expected) throw rotten(source, name)
  moved(bytes.length)
  return openSource(bytes, { size: stat.size, signal })
}

/** Fails at the end where the bytes are not those expected: a target has nothing before that. */
async function* letThrough(
  body: AsyncIterable<Buffer>,
  throttle: Throttle,
  moved: (bytes: number) => void,
  expected: string | undefined,
  unexpected: () => StorageError,
): AsyncGenerator<Buffer, void, void> {
  const sha256 = expected === undefined ? undefined : createHash('sha256')
  for await (const piece of body) {
    const waiting = throttle.take(piece.length)
    if (waiting !== undefined) await waiting
    sha256?.update(piece)
    moved(piece.length)
    yield piece
  }
  if (sha256 !== undefined && sha256.digest('hex') !== expected) throw unexpected()
}

async function attributesFor(
  { target }: CopyContext,
  name: Key,
  stat: ObjectStat,
  content: Source,
  given: Promise<Attributes['tags']> | undefined,
): Promise<Attributes> {
  const { storageClass, ...carried } = attributesOf(stat)
  const tags = stat.tags ?? (await given)
  const contentType =
    stat.contentType === UNSTATED
      ? await chooseContentType(stat.fileName ?? name, await content.read(0, PROOF_BYTES))
      : stat.contentType
  return {
    ...carried,
    contentType,
    ...(tags !== undefined && { tags }),
    ...(storageClass !== undefined && target.hasStorageClasses && { storageClass }),
  }
}

type Put = Omit<Parameters<Side['put']>[2], 'ifMatch' | 'ifNoneMatch'>

/** Puts under the condition that the target has what it was seen to have: by itself where it can, else by asking before. */
async function put(
  { target, signal }: CopyContext,
  name: Key,
  content: Source,
  existing: ListedObject | undefined,
  options: Put,
): Promise<ObjectStat> {
  const condition = existing === undefined ? { ifNoneMatch: '*' as const } : { ifMatch: existing.etag }
  try {
    return await target.put(name, content, { ...options, ...condition })
  } catch (error) {
    if (!StorageError.is(error, 'UNSUPPORTED')) throw error
  }
  const now = await target.head(name, { signal }).catch((error: unknown) => {
    if (StorageError.is(error, 'NOT_FOUND')) return undefined
    throw error
  })
  if (now?.etag !== existing?.etag && now?.writeId !== options.writeId) throw overtaken(target, name)
  return target.put(name, content, options)
}

async function readBack(
  { target, throttle, signal }: CopyContext,
  name: Key,
  written: ObjectStat,
): Promise<void> {
  const read = await digestOf(target, name, false, throttle, signal)
  if (read.sha256 !== written.sha256) throw rotten(target, name)
}

/** The time of an object that has no stamp, as one. */
function stampOf({ lastModified }: ObjectStat): Stamp {
  return { time: lastModified.getTime(), sequence: 0, host: '0' }
}

/** The write id of the source, for a copy that is the same write elsewhere. */
function carriedId(source: Side, { writeId, expiresAt }: ObjectStat): string | undefined {
  if (!source.hasOwnWriteIds || writeId === undefined) return undefined
  // One that was kept still has the name of a write that expires.
  return expiryOfWriteId(writeId) === expiresAt ? writeId : undefined
}

/** A bucket still has what expires until somebody removes it. */
function expired(source: Side, key: Key): StorageError {
  const message = `The object has expired in ${source.name}.`
  return new StorageError({ code: 'NOT_FOUND', op: 'get', key, message })
}

function overtaken(target: Side, key: Key): StorageError {
  const message = `Something else was stored under this key in ${target.name} meanwhile.`
  return new StorageError({ code: 'PRECONDITION_FAILED', op: 'put', key, message })
}
