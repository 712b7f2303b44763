import { StorageError, shown } from '../../core/errors.js';
import { invalidArgument } from '../arguments.js';
/** The longest time until an expiry: 100 years of 365 days. Seconds. */
export const MAX_EXPIRES_SECONDS = 100 * 365 * 24 * 3600;
/** Past any time that four digits of a year can tell. */
const END_OF_TIME = Date.UTC(10_000, 0, 1);
/**
 * When a file is to expire, in milliseconds since the epoch; undefined if it is not.
 *
 * @throws StorageError `INVALID_ARGUMENT` for both ways at once, and for a time that is none or not ahead
 */
export function parseExpiry(op, { expiresInSeconds, expiresAt }, now) {
    if (expiresInSeconds !== undefined && expiresAt !== undefined) {
        const message = 'Both expiresInSeconds and expiresAt were given; accepted: one of them.';
        throw new StorageError({ code: 'INVALID_ARGUMENT', op, message });
    }
    if (expiresInSeconds !== undefined) {
        const isValid = Number.isSafeInteger(expiresInSeconds) &&
            expiresInSeconds >= 1 &&
            expiresInSeconds <= MAX_EXPIRES_SECONDS;
        if (isValid)
            return Math.floor(now) + expiresInSeconds * 1000;
        const accepted = `a whole number of seconds from 1 to ${MAX_EXPIRES_SECONDS}`;
        throw invalidArgument(op, 'expiresInSeconds', expiresInSeconds, accepted);
    }
    if (expiresAt === undefined)
        return undefined;
    const time = expiresAt instanceof Date ? expiresAt.getTime() : Number.NaN;
    if (time > now && time < END_OF_TIME)
        return time;
    const got = Number.isNaN(time) ? shown(expiresAt) : new Date(time).toISOString();
    const message = `Invalid expiresAt ${got}; accepted: a Date ahead of now (${new Date(now).toISOString()}) and before the year 10000.`;
    throw new StorageError({ code: 'INVALID_ARGUMENT', op, message });
}
/** {@link parseExpiry} for a copy: null for none, undefined for that of its source. */
export function parseCopyExpiry(op, { expiresInSeconds, expiresAt }, now) {
    if (expiresAt === null && expiresInSeconds === undefined)
        return null;
    // With both, null is as wrong as any other.
    return parseExpiry(op, { expiresInSeconds, expiresAt: expiresAt }, now);
}
//# sourceMappingURL=expiry.js.map