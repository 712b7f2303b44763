import type { Content, Source } from '../core/source.js';
export declare const KIB = 1024;
export declare const MIB: number;
/** What the built-in stores send at once at most; content past it takes the way of large content. */
export declare const PART_BYTES: number;
/**
 * Bytes in which every misplaced, repeated or missing piece shows: noise, with its own offset every 4 KiB.
 * Other seeds give other bytes (of one byte or more).
 */
export declare function patterned(size: number, seed?: number): Buffer;
export declare function sha256(bytes: Uint8Array): string;
/** One of the ways to give content. */
export interface ContentKind {
    readonly name: string;
    /** Whether its size is not known before its end. */
    readonly streams: boolean;
    /** Whether it is too slow to be tried with large content. */
    readonly smallOnly?: boolean;
    /** The bytes in this form; `folder` is there for files. */
    make(bytes: Buffer, folder: string): Content | Promise<Content>;
}
export declare const CONTENT_KINDS: readonly ContentKind[];
export declare function pieces(bytes: Buffer, length: number): Generator<Buffer>;
export declare function generate(some: Iterable<Buffer>): AsyncGenerator<Buffer>;
/** A stream that gives these bytes and then fails. */
export declare function failing(bytes: Buffer, error: unknown): AsyncGenerator<Buffer>;
/** A stream that gives these bytes and then stands still until it is released. */
export declare class StallingContent implements AsyncIterable<Uint8Array> {
    #private;
    /** Fulfilled once the bytes have been taken and more are asked for. */
    readonly reached: Promise<void>;
    constructor(bytes: Buffer);
    /** Lets the stream come to its end. */
    release(): void;
    [Symbol.asyncIterator](): AsyncGenerator<Buffer>;
}
/** A source of known size that nobody may read. */
export declare class UntouchedSource implements Source {
    readonly size: number;
    reads: number;
    constructor(size: number);
    read(offset: number, length: number): Promise<Buffer>;
    release(): void;
    close(): Promise<void>;
}
