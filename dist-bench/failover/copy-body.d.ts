import type { Key } from '../core/key.js';
import type { Body } from '../core/store.js';
import type { Copy, Fill } from './read-cache.js';
export interface CopyPart {
    readonly key: Key;
    readonly start: number;
    /** Excluded. */
    readonly end: number;
    /** The first piece, which was found right. */
    readonly first: Buffer;
    readonly signal: AbortSignal | undefined;
    /** The rest of the part from this byte on, where a piece of the copy is found damaged. */
    readonly instead: (start: number) => Promise<Body>;
}
/** The bytes of a copy, each piece checked before it is given out. A damaged one is asked of the primary. */
export declare class CopyBody implements Body {
    #private;
    constructor(copy: Copy, part: CopyPart);
    bytes(maxBytes?: number): Promise<Buffer>;
    [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void>;
    close(): Promise<void>;
}
/** The bytes of the primary, of which a copy is kept if they are read to their end. */
export declare class FilledBody implements Body {
    #private;
    constructor(inner: Body, fill: Fill, key: Key, size: number);
    bytes(maxBytes?: number): Promise<Buffer>;
    [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void>;
    close(): Promise<void>;
}
