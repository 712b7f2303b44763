import type { FileStat } from '../storage.js';
/**
 * What caches may do with a file (RFC 9111, section 5.2.2): what was said with its upload, but for no longer than the
 * file lasts.
 *
 * @param now milliseconds since the epoch
 */
export declare function cacheControlOf({ cacheControl, expiresAt }: Pick<FileStat, 'cacheControl' | 'expiresAt'>, now: number): string;
