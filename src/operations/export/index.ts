import type { Writable } from 'node:stream'
import type { ExportOptions, ExportReport, ExportSource } from './types.js'

// What users import; nothing of it is loaded before it is used.

/**
 * Writes files as one tar archive: each with the bytes that were uploaded, under its key, and at the end a manifest that
 * tells all that is known of each (`manifest.jsonl`) and a list of hashes (`SHA256SUMS`) for `sha256sum -c`. Bytes are
 * streamed, and hashed on their way. Files that have expired, and those that inspection holds back, are none.
 *
 * A file that fails is reported, and stops none of the others; one that is replaced while it is read is read anew.
 *
 * @param storage a storage, or a scope of one: then paths lack its prefix
 * @param to a path, where the archive appears when it is whole; or a stream, which is ended, or destroyed where the
 *   archive breaks off
 * @throws StorageError `NOT_FOUND` where there is no such file; `UNAVAILABLE` and the like where the object store is away, and
 *   alone has something of it: then there is no archive; `INVALID_ARGUMENT`, `INVALID_KEY`, `ABORTED`; the system's error
 */
export async function exportFiles(
  storage: ExportSource,
  to: Writable | string,
  options?: ExportOptions,
): Promise<ExportReport> {
  return (await import('./export.js')).exportFiles(storage, to, options)
}
