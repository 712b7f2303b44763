import type { Original } from '../core/compression.js';
import type { Key } from '../core/key.js';
import type { ResolvedRange } from '../core/range.js';
import type { Body } from '../core/store.js';
/** The original's bytes, or a part of them, out of an object's compressed ones. A part is decoded from the start. */
export declare class DecodedBody implements Body {
    #private;
    constructor(inner: Body, original: Original, key: Key, range: ResolvedRange | undefined);
    bytes(maxBytes?: number): Promise<Buffer>;
    [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void>;
    close(): Promise<void>;
}
