import type { FileStat, StoredCompressed } from '../../storage.js'
import type { Context } from '../context.js'
import { EXIT } from '../failure.js'
import { printable } from '../output.js'
import { number, size, table } from '../wording.js'

/** In the order in which they are shown, as far as they are known. */
const TEXTS = [
  'contentType',
  'fileName',
  'contentDisposition',
  'cacheControl',
  'contentEncoding',
  'storageClass',
  'etag',
  'sha256',
  'versionId',
] as const satisfies readonly (keyof FileStat)[]

/** Tells everything that is known of a file. */
export async function stat(context: Context, key: string): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  const found = await storage.statFile(key, { signal })
  await (output.json ? output.object(found) : output.line(table(rows(found))))
  return EXIT.ok
}

function rows(found: FileStat): string[][] {
  const { key, size: bytes, lastModified, expiresAt, metadata, compressed, pending } = found
  return [
    ['key', printable(key)],
    ['size', sizeInFull(bytes)],
    ...(compressed === undefined ? [] : [['compressed', compression(compressed, bytes)]]),
    ['lastModified', lastModified.toISOString()],
    ...(expiresAt === undefined ? [] : [['expiresAt', expiresAt.toISOString()]]),
    ...TEXTS.flatMap(name => (found[name] === undefined ? [] : [[name, printable(found[name])]])),
    ...Object.entries(metadata).map(([name, value]) => [`metadata.${name}`, printable(value)]),
    ...(pending ? [['pending', 'true']] : []),
  ]
}

function sizeInFull(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${size(bytes)} (${number(bytes)} bytes)`
}

/** Such as `gzip, 1.2 kB (1,234 bytes), 12 % of the size`. */
function compression({ encoding, size: stored }: StoredCompressed, bytes: number): string {
  return `${encoding}, ${sizeInFull(stored)}, ${Math.ceil((100 * stored) / bytes)} % of the size`
}
