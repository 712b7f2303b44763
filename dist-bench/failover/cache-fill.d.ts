import type { ObjectStat } from '../core/store.js';
import type { Files } from '../stores/local/files.js';
import { type Fill } from './read-cache.js';
export interface DiskFillOptions {
    readonly files: Files;
    /** Of the file, which was made before the primary was asked for the bytes. */
    readonly fd: number;
    readonly path: string;
    /** Of the key. */
    readonly folder: string;
    readonly target: string;
    /** Sets room aside for an object of this size. */
    readonly reserve: (size: number) => boolean;
    /** Told the size that room was set aside for, if it was, and whether there is a copy now. */
    readonly onEnd: (size: number | undefined, there: boolean) => void;
}
/** A copy that is being written, of bytes that are on their way to their reader, who hardly waits for the disk. */
export declare class DiskFill implements Fill {
    #private;
    /** Resolves when nothing of it is open any more. */
    readonly ended: Promise<void>;
    constructor(options: DiskFillOptions);
    accept(stat: ObjectStat): boolean;
    add(chunk: Buffer): Promise<void> | undefined;
    finish(): Promise<void>;
    abandon(): void;
}
