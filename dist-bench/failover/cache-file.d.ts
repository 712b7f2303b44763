import type { ObjectStat } from '../core/store.js';
/**
 * The file of a copy: the object's bytes, then the CRC-32 of each piece of them, then what the primary told of the
 * object, then a foot of fixed length. A file that was cut, or is still being written, has no foot.
 */
export interface CacheFile {
    readonly target: string;
    readonly stat: ObjectStat;
    /** The CRC-32 of each piece. */
    readonly checks: Uint32Array;
}
export declare const PIECE_BYTES: number;
/** What is read of the end at first: all of a small copy, and nearly always all that follows the bytes of another. */
export declare const END_BYTES: number;
/** How many pieces an object of this size has. */
export declare function piecesOf(size: number): number;
/** What follows the bytes. */
export declare function encodeEnd({ target, stat, checks }: CacheFile): Buffer;
/** How many of the last bytes of the file are not the object's; undefined if the end is none. */
export declare function endLength(end: Buffer): number | undefined;
/**
 * Reads what follows the bytes.
 *
 * @param end the last bytes of the file, as many as {@link endLength} says
 * @returns undefined if it is not whole, or not that of a file of this size
 */
export declare function decodeEnd(end: Buffer, fileSize: number): CacheFile | undefined;
