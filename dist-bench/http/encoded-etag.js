import { isEncoding } from '../core/compression.js';
const MARK = '--';
/** The ETag of a file's compressed form: a strong one says that the bytes are the same (RFC 9110, section 8.8.3.3). */
export function etagOfEncoded(etag, encoding) {
    return `${etag}${MARK}${encoding}`;
}
/** The file's own ETag, out of that of any of its representations. */
export function etagOfFile(etag) {
    const mark = etag.lastIndexOf(MARK);
    return mark > 0 && isEncoding(etag.slice(mark + MARK.length)) ? etag.slice(0, mark) : etag;
}
//# sourceMappingURL=encoded-etag.js.map