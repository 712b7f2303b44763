import { randomBytes, randomUUID } from 'node:crypto';
/** A UUID that holds a time: version 8 of RFC 9562 (section 5.8), whose first 48 bits are ours to fill. */
const WITH_TIME = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PLAIN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/**
 * A new name for a write, a UUID. That of a write that expires begins with the time at which it does, so that whoever
 * knows no more of an object than its ETag knows that as well. Every write of an object with an expiry is named so.
 *
 * @param expiresAt milliseconds since the epoch; of a write that does not expire, undefined
 */
export function newWriteId(expiresAt) {
    if (expiresAt === undefined)
        return randomUUID();
    const time = expiresAt.toString(16).padStart(12, '0');
    const bytes = randomBytes(10);
    // The version and the variant (RFC 9562, sections 4.2 and 4.1).
    bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x0f);
    bytes[2] = 0x80 | ((bytes[2] ?? 0) & 0x3f);
    const rest = bytes.toString('hex');
    return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
}
/** When the write of this name expires, in milliseconds since the epoch; undefined for any other name, or ETag. */
export function expiryOfWriteId(id) {
    // What tells nearly every other ETag apart comes first: a page of a listing has a thousand.
    if (id.length !== 36 || id[14] !== '8' || !WITH_TIME.test(id))
        return undefined;
    return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
/** Whether this is the name of a write that does not expire: any other ETag may be that of one that does. */
export function isLastingWriteId(etag) {
    return PLAIN.test(etag);
}
//# sourceMappingURL=write-id.js.map