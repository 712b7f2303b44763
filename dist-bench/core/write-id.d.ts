/**
 * A new name for a write, a UUID. That of a write that expires begins with the time at which it does, so that whoever
 * knows no more of an object than its ETag knows that as well. Every write of an object with an expiry is named so.
 *
 * @param expiresAt milliseconds since the epoch; of a write that does not expire, undefined
 */
export declare function newWriteId(expiresAt?: number): string;
/** When the write of this name expires, in milliseconds since the epoch; undefined for any other name, or ETag. */
export declare function expiryOfWriteId(id: string): number | undefined;
/** Whether this is the name of a write that does not expire: any other ETag may be that of one that does. */
export declare function isLastingWriteId(etag: string): boolean;
