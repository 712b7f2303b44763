import type { IncomingHttpHeaders } from 'node:http';
import type { FileStat, UploadOptions } from '../storage.js';
/** User metadata travels in headers of this start: `x-holdfast-meta-author: Zoë` is `{ author: 'Zoë' }`. */
export declare const METADATA_HEADER = "x-holdfast-meta-";
/**
 * What a PUT's headers say of the file: `Content-Type`, `Content-Encoding`, `Cache-Control`, `Content-Disposition`
 * (RFC 6266), `Content-Digest` (RFC 9530), `Content-Length`, `x-holdfast-expires-in`, `x-holdfast-expires-at`,
 * `x-holdfast-meta-*`, `x-holdfast-storage-class` and `x-holdfast-tags`.
 *
 * @param isSigned whether it is a signed URL that lets the client write: what a file costs, and which rules it falls under,
 *   is not its bearer's to say
 * @throws StorageError `INVALID_ARGUMENT`; `TOO_LARGE` where the declared length is over the limit; `PERMISSION_DENIED`
 *   for a storage class or tags that come with a signed URL
 */
export declare function uploadOptions(headers: IncomingHttpHeaders, maxBytes: number, isSigned?: boolean): UploadOptions;
/** A file's metadata, storage class, and how it stands in an archive, as the headers of an answer. */
export declare function metadataHeaders(stat: Pick<FileStat, 'metadata' | 'storageClass' | 'archive'>): Record<string, string>;
