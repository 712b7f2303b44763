import type { FileStat } from '../../storage.js'
import type { Context } from '../context.js'
import { EXIT } from '../failure.js'
import { printable } from '../output.js'
import { number, size, table } from '../wording.js'

/** Tells everything that is known of a file. */
export async function stat(context: Context, key: string): Promise<number> {
  const { output, signal } = context
  const storage = await context.storage()
  const found = await storage.statFile(key, { signal })
  await (output.json ? output.object(found) : output.line(table(rows(found))))
  return EXIT.ok
}

function rows(found: FileStat): [string, string][] {
  const { key, size: bytes, lastModified, metadata, pending, ...rest } = found
  const others = Object.entries(rest).map(([name, value]): [string, string] => [
    name,
    printable(String(value)),
  ])
  return [
    ['key', printable(key)],
    ['size', bytes < 1000 ? `${bytes} B` : `${size(bytes)} (${number(bytes)} bytes)`],
    ['lastModified', lastModified.toISOString()],
    ...others,
    ...Object.entries(metadata).map(([name, value]): [string, string] => [
      `metadata.${name}`,
      printable(value),
    ]),
    ...(pending ? [['pending', 'true'] as [string, string]] : []),
  ]
}
