import type { ByteRange } from '../core/range.js';
import type { ThawTier } from '../core/store.js';
import type { UploadOptions } from '../storage.js';
/** Parses a whole number for an option. */
export declare function count(min: number, max: number): (text: string) => number;
/** Parses a duration such as `90`, `90s`, `15m`, `1h` or `7d` into seconds. */
export declare function seconds(text: string): number;
/** Parses a day (its midnight, UTC) or a time as ISO 8601 has them, into milliseconds since the epoch. */
export declare function moment(text: string): number;
/** Parses when something expires: a duration as {@link seconds} takes it, or a day or time as {@link moment} does. */
export declare function expiry(text: string): Pick<UploadOptions, 'expiresInSeconds' | 'expiresAt'>;
/** Parses one `name=value` more. */
export declare function pair(text: string, before?: Readonly<Record<string, string>>): Record<string, string>;
/** Parses a range of bytes: `0-99`, `100-` (from there to the end) or `-100` (the last). */
export declare function byteRange(text: string): ByteRange;
/** Collects the values of an option that may be repeated. */
export declare function collected(text: string, before?: readonly string[]): string[];
/** Parses how soon an archived file is wanted, in any letter case. */
export declare function thawTier(text: string): ThawTier;
