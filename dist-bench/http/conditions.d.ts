import type { IncomingHttpHeaders } from 'node:http';
import { StorageError } from '../core/errors.js';
import type { Condition } from '../core/store.js';
import type { FileStat } from '../storage.js';
/** What a condition says of a stored file. */
type Version = Pick<FileStat, 'etag' | 'lastModified'>;
/**
 * What the request's conditions say of a file that is about to be answered, in the order of RFC 9110, section
 * 13.2.2: `failed` is 412, `not-modified` is 304.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a list of entity tags that is none
 */
export declare function evaluateRead(headers: IncomingHttpHeaders, version: Version): 'send' | 'not-modified' | 'failed';
/** Whether the tag is one of those that the request's conditions name. */
export declare function namesTag(headers: IncomingHttpHeaders, etag: string): boolean;
/** Whether the client asks if what it has is still current, so that a look at the file may be all it takes. */
export declare function isRevalidation(headers: IncomingHttpHeaders): boolean;
/** The condition of `If-Range`: an ETag (without quotes), a date in milliseconds, or one that no file fulfils. */
export type IfRange = {
    readonly etag: string;
} | {
    readonly dateMs: number;
} | 'never';
/** Reads `If-Range` (RFC 9110, section 13.1.5). A weak tag, or what is neither tag nor date, never holds. */
export declare function parseIfRange(value: string): IfRange;
/**
 * Whether the file is still the one that the client has a part of. A date proves it only where a second write within
 * the same second would have shown by now (RFC 9110, section 8.8.2.2).
 */
export declare function holdsIfRange(condition: IfRange, version: Version): boolean;
/** Whether a write carries conditions. */
export declare function isConditionalWrite(headers: IncomingHttpHeaders): boolean;
/**
 * The request's conditions as the store takes them, where it can decide them alone: one strong ETag, or
 * `If-None-Match: *`. Undefined where a look at the file is needed first.
 */
export declare function storeCondition(headers: IncomingHttpHeaders): Condition | undefined;
/**
 * Decides a write's conditions on the file that is there now (RFC 9110, section 13.2.2), and pins the decision: the
 * condition returned lets the write through only if the file is still that one.
 *
 * @param version undefined where there is no file
 * @throws StorageError `PRECONDITION_FAILED` or `ALREADY_EXISTS`
 */
export declare function decideWrite(headers: IncomingHttpHeaders, version: Version | undefined): Condition;
/** The error for a condition that does not hold. */
export declare function failed(header: string): StorageError;
/** The ETag as it stands in a header (RFC 9110, section 8.8.3). */
export declare function quoteEtag(etag: string): string;
/** An HTTP-date in milliseconds since the epoch, in any of the three forms (RFC 9110, section 5.6.7), or undefined. */
export declare function parseHttpDate(value: string): number | undefined;
export {};
