import type { Attributes } from '../../core/attributes.js'
import { formatOriginal, parseOriginal } from '../../core/compression.js'
import { StorageError, shown } from '../../core/errors.js'
import type { Stamp } from '../../core/stamp.js'
import type { FileIdentity } from './files.js'

/**
 * What the ledger holds under a key. `object` is what readers see; absent, the key is deleted. `work` is what
 * remains to be done to the files, and who does it; absent, the files are as the row says.
 */
export interface Row {
  readonly object?: StoredObject | undefined
  readonly work?: Work | undefined
}

/** An object and the file that its bytes are in. */
export interface StoredObject {
  readonly writeId: string
  /** Milliseconds since the epoch. */
  readonly lastModified: number
  /** Lower-case hex; absent where the file was found and not written. */
  readonly sha256?: string | undefined
  readonly stamp?: Stamp | undefined
  readonly attributes: Attributes
  /** Where the file belongs: under its own name in the tree, or under its write id in `objects`. */
  readonly at: 'tree' | 'objects'
  /** Of the file; where the bytes are in the ledger ({@link Work.inline}), only the size is known. */
  readonly identity: FileIdentity
}

/** File work that a committed row asks for. */
export interface Work {
  /**
   * The one process that may touch the key's path in the tree. It passes on only when that process has settled
   * the row or is known to be dead, so no file operation is ever based on a row that is not the newest.
   */
  readonly by: string
  /** The process in whose staging folder the object's file was written, if it may still be there. */
  readonly staged?: string | undefined
  /** The object's bytes are in the ledger, which made them durable; a file of them is made from there. */
  readonly inline?: boolean | undefined
  /** Files of earlier versions, to be removed wherever they lie. */
  readonly garbage: readonly Garbage[]
}

/** The file of an earlier version. */
export interface Garbage {
  readonly writeId: string
  readonly identity: FileIdentity
  /** Where it lies; `any` if the row that named it had not been settled. */
  readonly at: 'tree' | 'objects' | 'any'
  readonly staged?: string | undefined
  /** Its bytes are in the ledger still; its file's identity, if it has one, is not known. */
  readonly inline?: boolean | undefined
}

const PLACES = ['tree', 'objects', 'any'] as const
const INLINE = PLACES.length

const VERSION = 1

type Packed = readonly unknown[]

/** The row as msgpack writes it most compactly: arrays without names, ids and hashes as bytes. */
export function packRow(row: Row): Packed {
  const { object, work } = row
  return work === undefined ? [VERSION, packObject(object)] : [VERSION, packObject(object), packWork(work)]
}

/** Reads what {@link packRow} made. @throws StorageError `CONFIG_INVALID` for a row that a newer version wrote */
export function unpackRow(packed: Packed): Row {
  const [version, object, work] = packed
  if (version !== VERSION) {
    const message = `The ledger was written by another version of Holdfast: it holds a row of version ${shown(version)}, and this one reads version ${VERSION}. Use the version that wrote it, or a newer one.`
    throw new StorageError({ code: 'CONFIG_INVALID', op: 'open', store: 'local', message })
  }
  return {
    ...(object !== null && { object: unpackObject(object as PackedObject) }),
    ...(work !== undefined && { work: unpackWork(work as PackedWork) }),
  }
}

type PackedIdentity = [size: number, ino: number, mtimeMs: number, dev: number]
type PackedObject = [
  writeId: Buffer | string,
  lastModified: number,
  identity: PackedIdentity,
  at: number,
  contentType: string,
  sha256: Buffer | null,
  stamp: [number, number, string] | null,
  extra: PackedExtra | null,
]
type PackedExtra = [
  metadata: string[],
  tags: string[] | null,
  fileName: string | null,
  contentDisposition: string | null,
  cacheControl: string | null,
  contentEncoding: string | null,
  original?: string | null | undefined,
  expiresAt?: number | undefined,
]
type PackedGarbage = [
  writeId: Buffer | string,
  identity: PackedIdentity,
  at: number,
  staged?: string | undefined,
]
type PackedWork = [by: string, staged: string | null, garbage: PackedGarbage[], inline?: 1]

function packObject(object: StoredObject | undefined): PackedObject | null {
  if (object === undefined) return null
  const { stamp } = object
  return [
    packId(object.writeId),
    object.lastModified,
    packIdentity(object.identity),
    object.at === 'tree' ? 0 : 1,
    object.attributes.contentType,
    object.sha256 === undefined ? null : Buffer.from(object.sha256, 'hex'),
    stamp === undefined ? null : [stamp.time, stamp.sequence, stamp.host],
    packExtra(object.attributes),
  ]
}

function unpackObject(packed: PackedObject): StoredObject {
  const [writeId, lastModified, identity, at, contentType, sha256, stamp, extra] = packed
  return {
    writeId: unpackId(writeId),
    lastModified,
    identity: unpackIdentity(identity),
    at: at === 0 ? 'tree' : 'objects',
    attributes: extra === null ? { contentType, metadata: NONE } : unpackExtra(contentType, extra),
    sha256: sha256 === null ? undefined : sha256.toString('hex'),
    stamp: stamp === null ? undefined : { time: stamp[0], sequence: stamp[1], host: stamp[2] },
  }
}

const NONE: Readonly<Record<string, string>> = Object.freeze({})

function packExtra(attributes: Attributes): PackedExtra | null {
  const { metadata, tags, fileName, contentDisposition, cacheControl, contentEncoding, original, expiresAt } =
    attributes
  const pairs = flatten(metadata)
  const plain =
    pairs.length === 0 &&
    tags === undefined &&
    fileName === undefined &&
    contentDisposition === undefined &&
    cacheControl === undefined &&
    contentEncoding === undefined &&
    original === undefined &&
    expiresAt === undefined
  if (plain) return null
  const packed: PackedExtra = [
    pairs,
    tags === undefined ? null : flatten(tags),
    fileName ?? null,
    contentDisposition ?? null,
    cacheControl ?? null,
    contentEncoding ?? null,
  ]
  if (original !== undefined) packed.push(formatOriginal(original))
  else if (expiresAt !== undefined) packed.push(null)
  if (expiresAt !== undefined) packed.push(expiresAt)
  return packed
}

function unpackExtra(contentType: string, extra: PackedExtra): Attributes {
  const [metadata, tags, fileName, contentDisposition, cacheControl, contentEncoding, packed, expiresAt] =
    extra
  const original = packed === undefined || packed === null ? undefined : parseOriginal(packed)
  return {
    contentType,
    metadata: unflatten(metadata),
    ...(tags !== null && { tags: unflatten(tags) }),
    ...(fileName !== null && { fileName }),
    ...(contentDisposition !== null && { contentDisposition }),
    ...(cacheControl !== null && { cacheControl }),
    ...(contentEncoding !== null && { contentEncoding }),
    ...(original !== undefined && { original }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

function packWork({ by, staged, garbage, inline }: Work): PackedWork {
  const packed: PackedWork = [by, staged ?? null, garbage.map(packGarbage)]
  if (inline === true) packed.push(1)
  return packed
}

function unpackWork([by, staged, garbage, inline]: PackedWork): Work {
  return {
    by,
    staged: staged ?? undefined,
    inline: inline === 1 ? true : undefined,
    garbage: garbage.map(unpackGarbage),
  }
}

function packGarbage({ writeId, identity, at, staged, inline }: Garbage): PackedGarbage {
  const place = inline === true ? INLINE : PLACES.indexOf(at)
  const packed: PackedGarbage = [packId(writeId), packIdentity(identity), place]
  if (staged !== undefined) packed.push(staged)
  return packed
}

function unpackGarbage([writeId, identity, place, staged]: PackedGarbage): Garbage {
  return {
    writeId: unpackId(writeId),
    identity: unpackIdentity(identity),
    at: PLACES[place] ?? 'any',
    staged,
    inline: place === INLINE ? true : undefined,
  }
}

function packIdentity({ size, ino, mtimeMs, dev }: FileIdentity): PackedIdentity {
  return [size, ino, mtimeMs, dev]
}

function unpackIdentity([size, ino, mtimeMs, dev]: PackedIdentity): FileIdentity {
  return { size, ino, mtimeMs, dev }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUID as its 16 bytes; a write id of another shape as it is. */
function packId(id: string): Buffer | string {
  return UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id
}

function unpackId(id: Buffer | string): string {
  if (typeof id === 'string') return id
  const hex = id.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Names and values by turns, so that a name such as `__proto__` is only a string. */
function flatten(record: Readonly<Record<string, string>>): string[] {
  const pairs: string[] = []
  for (const name in record) pairs.push(name, record[name] ?? '')
  return pairs
}

function unflatten(pairs: readonly string[]): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null)
  for (let i = 0; i < pairs.length; i += 2) record[pairs[i] ?? ''] = pairs[i + 1] ?? ''
  return record
}
