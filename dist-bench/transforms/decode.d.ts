import type { Original } from '../core/compression.js';
import { type GivenBytes } from '../core/source.js';
/** Compressed bytes that are read again from their beginning, decoded. */
export declare function decoded(bytes: GivenBytes, original: Original): AsyncGenerator<Buffer, void, void>;
export interface DecodeOptions {
    readonly key?: string | undefined;
    /** Bytes of the original to pass over; 0 unless given. */
    readonly start?: number | undefined;
    /** Where to end, excluded; the end of the original unless given. */
    readonly end?: number | undefined;
}
/**
 * Decodes compressed bytes as they come. Memory is bounded whatever they hold: not one byte past the recorded size of
 * the original is given out. The last piece of a whole original is held back until its length and hash were found right.
 *
 * @throws StorageError `INTEGRITY` where the bytes cannot be decoded, or are not the original's; what `pieces` throws
 */
export declare function decode(pieces: AsyncIterable<Buffer>, original: Original, { key, start, end }: DecodeOptions): AsyncGenerator<Buffer, void, void>;
