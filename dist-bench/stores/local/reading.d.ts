import type { Body } from '../../core/store.js';
import { type FileIdentity, type FileStat, type Files } from './files.js';
/** A look at a path: the file that was meant, or what is there instead. */
export type Look<H> = {
    readonly hit: H;
} | {
    readonly stranger: FileStat | undefined;
};
/** Errors that say that no regular file of ours is there. */
export declare const ABSENT: ReadonlySet<string>;
/**
 * Opens a file if it is the one that a row describes, judged on the open descriptor: whatever happens to the
 * name afterwards, the bytes are those.
 */
export declare function openIdentical(files: Files, path: string, identity: FileIdentity, identityOf: (stat: FileIdentity) => FileIdentity): Promise<Look<{
    fd: number;
}>>;
interface BodyParts {
    readonly files: Files;
    readonly fd: number;
    readonly key: string;
    readonly start: number;
    readonly length: number;
    readonly signal: AbortSignal | undefined;
    /** Checked once more at the end of a reading in several steps: somebody may edit a placed file meanwhile. */
    readonly isUnchanged: (stat: FileStat) => boolean;
}
/** The bytes of an open file, or a part of them. */
export declare class FileBody implements Body {
    #private;
    constructor(parts: BodyParts);
    bytes(maxBytes?: number): Promise<Buffer>;
    [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void>;
    close(): Promise<void>;
}
/** Bytes that are in memory already. */
export declare class BytesBody implements Body {
    #private;
    constructor(content: Buffer, key: string, signal: AbortSignal | undefined);
    bytes(maxBytes?: number): Promise<Buffer>;
    [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void>;
    close(): Promise<void>;
}
export {};
