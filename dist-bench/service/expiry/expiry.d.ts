import type { CopyFileOptions, UploadOptions } from '../../storage.js';
/** The longest time until an expiry: 100 years of 365 days. Seconds. */
export declare const MAX_EXPIRES_SECONDS: number;
/**
 * When a file is to expire, in milliseconds since the epoch; undefined if it is not.
 *
 * @throws StorageError `INVALID_ARGUMENT` for both ways at once, and for a time that is none or not ahead
 */
export declare function parseExpiry(op: string, { expiresInSeconds, expiresAt }: Pick<UploadOptions, 'expiresInSeconds' | 'expiresAt'>, now: number): number | undefined;
/** {@link parseExpiry} for a copy: null for none, undefined for that of its source. */
export declare function parseCopyExpiry(op: string, { expiresInSeconds, expiresAt }: Pick<CopyFileOptions, 'expiresInSeconds' | 'expiresAt'>, now: number): number | null | undefined;
