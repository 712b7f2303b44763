import { Readable } from 'node:stream';
/**
 * What can be uploaded. A bare string is refused: it could be text or a path, and guessing reads arbitrary
 * files. Give `Buffer.from(text)` or `{ path }`.
 */
export type Content = Uint8Array | ArrayBuffer | Blob | Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>
/** A `file:` URL. */
 | URL | {
    readonly path: string;
};
/**
 * Bytes on their way in, possibly still arriving. Buffers, blobs and files can be read again from any offset;
 * a stream can be read from the lowest offset that was not released.
 */
export interface Source {
    /** Bytes in all, where that is known before the end is reached. */
    readonly size: number | undefined;
    /** Whether released bytes can be read again; a stream's cannot. */
    readonly replayable?: boolean;
    /**
     * The bytes from `offset` on: waits until `length` of them are there, and returns fewer only at the end
     * (none past it). The buffer may share memory with the content: it must not be written to.
     *
     * @throws StorageError `INVALID_ARGUMENT` if the content turns out shorter or longer than declared,
     *   `TOO_LARGE` over the limit, `ABORTED` if the content's own stream failed or the signal fired
     */
    read(offset: number, length: number): Promise<Buffer>;
    /** Says that the bytes below `offset` have reached their destination; a stream forgets them. */
    release(offset: number): void;
    /** Gives up the content: closes its file, destroys its stream. Safe to call twice. */
    close(): Promise<void>;
}
/** What {@link openSource} takes beside the content. */
export interface SourceOptions {
    /** Bytes that the content must have. */
    readonly size?: number | undefined;
    /** Bytes that the content may have. */
    readonly maxBytes?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    /** Called as bytes reach their destination. */
    readonly onProgress?: ((progress: {
        sentBytes: number;
        totalBytes?: number;
    }) => void) | undefined;
}
/**
 * Makes content readable.
 *
 * @throws StorageError `INVALID_ARGUMENT` if it is of no accepted type, names no regular file, or has another
 *   size than declared; `TOO_LARGE` if it has more than `maxBytes`
 */
export declare function openSource(content: Content, options?: SourceOptions): Promise<Source>;
/** Bytes that can be read from anywhere, as often as needed. */
export interface GivenBytes {
    readonly size: number;
    read(offset: number, length: number): Promise<Buffer>;
    close(): Promise<void>;
}
/** A source of bytes that are kept somewhere; closing it closes them. */
export declare function sourceOf(given: GivenBytes, options?: SourceOptions): Source;
/** The source's bytes from `offset` on, in pieces of `length` (the last may be shorter), each released once used. */
export declare function readChunks(source: Source, length: number, offset?: number): AsyncGenerator<Buffer, void, void>;
