import type { Encoding, Original } from '../core/compression.js';
import { type Source, type SourceOptions } from '../core/source.js';
import type { SpillFile } from '../core/spill-file.js';
export interface CompressOptions {
    /** What the sample may keep of its bytes, from 0 to 1: content that does not get below is left as it is. */
    readonly worth: number;
    /** Makes the file for what does not fit in memory. */
    readonly openSpill: () => Promise<SpillFile>;
    /** Told of what was stored, counted in bytes of the content. */
    readonly onProgress: SourceOptions['onProgress'];
    readonly signal: AbortSignal | undefined;
}
/** What is to be stored in the place of content: known in length and hash, and read as often as needed. */
export interface Compressed {
    readonly source: Source;
    /** SHA-256 of the source's bytes, in lower-case hex. */
    readonly sha256: string;
    /** What it was; absent where the source gives the content itself after all. */
    readonly original?: Original;
}
/**
 * Compresses content, all of it before anything is stored: only then are its length and hash known, which an object
 * store wants to hear first. Memory holds a part; what is longer waits in a nameless file.
 *
 * @returns undefined where the content is to be stored as it is; then it can be read from its beginning still
 * @throws StorageError what reading the content throws; `NO_SPACE` where a stream does not fit on the disk
 */
export declare function compress(content: Source, encoding: Encoding, options: CompressOptions): Promise<Compressed | undefined>;
