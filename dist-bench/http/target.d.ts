import type { IncomingMessage } from 'node:http';
import { type Key } from '../core/key.js';
/** What an object's URL path begins with. */
export declare const UPLOADS = "/uploads/";
/**
 * The request's target as path and query, undecoded, relative to where the handler is mounted; undefined if it lies
 * outside. Of an absolute-form target (RFC 9112, section 3.2.2) the scheme and authority are left out.
 *
 * Connect, Express and Nest cut the mount path off `url` and keep the whole in `originalUrl`: the whole is read, so
 * that a handler mounted at `/uploads` cannot mistake `/uploads/uploads/a` for the key `a`.
 */
export declare function requestTarget(request: IncomingMessage, basePath: string): string | undefined;
/** Splits a target at its first `?`. */
export declare function splitTarget(target: string): {
    readonly path: string;
    readonly query: string;
};
/**
 * The key that a path under {@link UPLOADS} names: percent-decoded exactly once and never normalised, so that every
 * valid key has a URL and no URL reaches past the rules of {@link parseKey}. Bytes that should have been encoded
 * (curl sends a typed `é` as it is) count as UTF-8.
 *
 * @throws StorageError `INVALID_KEY`
 */
export declare function keyOfPath(path: string): Key;
