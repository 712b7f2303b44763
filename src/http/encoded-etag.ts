import { isEncoding } from '../core/compression.js'
import type { Encoding } from '../storage.js'

const MARK = '--'

/** The ETag of a file's compressed form: a strong one says that the bytes are the same (RFC 9110, section 8.8.3.3). */
export function etagOfEncoded(etag: string, encoding: Encoding): string {
  return `${etag}${MARK}${encoding}`
}

/** The file's own ETag, out of that of any of its representations. */
export function etagOfFile(etag: string): string {
  const mark = etag.lastIndexOf(MARK)
  return mark > 0 && isEncoding(etag.slice(mark + MARK.length)) ? etag.slice(0, mark) : etag
}
