import { StorageError } from './errors.js';
import type { Body } from './store.js';
/** Whose bytes they are, for the errors of a body. */
export interface BodyContext {
    readonly key: string;
    /** The store that gives them. */
    readonly store?: string | undefined;
}
/**
 * All bytes of a body that gives them piece by piece.
 *
 * @param length how many there are
 * @throws StorageError `TOO_LARGE` before reading more than `maxBytes`, or more than a Buffer holds: the body is
 *   closed then
 */
export declare function gather(body: Body, context: BodyContext, length: number, maxBytes?: number): Promise<Buffer>;
/** The error for a body that is longer than it may be. */
export declare function tooLarge({ key, store }: BodyContext, length: number, limit: number): StorageError;
/** The error for a body that is read once more, or after it was closed. */
export declare function spent({ key, store }: BodyContext): StorageError;
