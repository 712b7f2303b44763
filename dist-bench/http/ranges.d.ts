import type { ByteRange } from '../core/range.js';
/**
 * Reads a `Range` header (RFC 9110, section 14.2). Undefined means that the whole file is the answer: for no header,
 * for units other than bytes, for one that breaks the grammar (`bytes=5-2`), and for several ranges, which a server
 * may answer whole; so nobody can ask for a thousand overlapping parts.
 */
export declare function parseRange(header: string | undefined): ByteRange | undefined;
