import type { Encoding } from '../storage.js';
/** The ETag of a file's compressed form: a strong one says that the bytes are the same (RFC 9110, section 8.8.3.3). */
export declare function etagOfEncoded(etag: string, encoding: Encoding): string;
/** The file's own ETag, out of that of any of its representations. */
export declare function etagOfFile(etag: string): string;
