import { Readable } from 'node:stream';
import type { Body } from '../core/store.js';
import type { FileStat, OpenedFile } from '../storage.js';
/** What an opened file consists of. */
export interface OpenedParts {
    readonly stat: FileStat;
    readonly range?: OpenedFile['range'] | undefined;
    /** Where given, the body has the stored bytes. */
    readonly encoding?: OpenedFile['encoding'] | undefined;
    readonly body: Body;
}
/** An object of a store as users hold it. */
export declare class StoredFile implements OpenedFile {
    #private;
    readonly stat: FileStat;
    readonly range?: NonNullable<OpenedFile['range']>;
    readonly encoding?: NonNullable<OpenedFile['encoding']>;
    constructor({ stat, range, encoding, body }: OpenedParts);
    /** Unlike a generator's own, its `return` gives the body up also where nothing was read yet. */
    [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
    bytes(options?: {
        maxBytes?: number | undefined;
    }): Promise<Buffer>;
    nodeStream(): Readable;
    stream(): ReadableStream<Uint8Array>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
