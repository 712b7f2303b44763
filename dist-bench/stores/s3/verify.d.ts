import type { StoredObject } from './metadata.js';
/** Checks the bytes of a whole object, given in order, against what is recorded of them. */
export interface Verifier {
    update(chunk: Buffer): void;
    /** Whether the bytes are the recorded ones. */
    matches(): boolean;
    /** What is compared. */
    readonly by: 'SHA-256' | 'MD5 ETag';
}
/**
 * How a whole object's bytes can be checked: by the SHA-256 in its metadata, by an ETag that is their MD5, or by
 * a composite ETag whose parts are known. Undefined where there is nothing but the length.
 */
export declare function verifierFor(stored: StoredObject): Verifier | undefined;
/** Checks bytes that are all in hand, without a copy. */
export declare function verifyBytes(stored: StoredObject, bytes: Buffer): Verifier | undefined;
