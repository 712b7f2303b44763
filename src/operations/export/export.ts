import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { throwIfAborted } from '../../core/errors.js'
import { saveFile } from '../save-file.js'
import { Exporter } from './exporter.js'
import type { ExportOptions, ExportReport, ExportSource } from './types.js'

/** Writes the archive of an export to where it goes: see `exportFiles`, which users call. */
export async function exportFiles(
  source: ExportSource,
  to: Writable | string,
  options: ExportOptions = {},
): Promise<ExportReport> {
  throwIfAborted(options.signal, 'export')
  const { gzip = typeof to === 'string' && /\.t?gz$/i.test(to) } = options
  const exporter = new Exporter(source, options)
  let archiveBytes = 0
  async function* counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of bytes) {
      archiveBytes += piece.length
      yield piece
    }
  }
  const bytes = counted(gzip ? zipped(exporter.archive()) : exporter.archive())
  if (typeof to === 'string') await saveFile(to, bytes, { sync: true })
  else await streamTo(to, bytes, options.signal)
  return exporter.report(archiveBytes)
}

async function streamTo(
  to: Writable,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    // Whoever takes nothing any more does not keep the export from being ended.
    await pipeline(bytes, to, signal === undefined ? {} : { signal })
  } catch (error) {
    throwIfAborted(signal, 'export')
    throw error
  }
}

async function* zipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const gzip = createGzip()
  const fed = pipeline(bytes, gzip)
  // Whoever reads the end of it hears of a failure.
  fed.catch(() => {})
  try {
    yield* gzip
    await fed
  } finally {
    gzip.destroy()
    await fed.catch(() => {})
  }
}
