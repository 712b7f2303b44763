import type { Files } from '../stores/local/files.js';
import { type Copy } from './read-cache.js';
/** An opened copy, with what its file is known by. */
export interface OpenedCopy extends Copy {
    readonly target: string;
    readonly ino: number;
    readonly mtimeMs: number;
}
export interface OpenOptions {
    /** A use is noted in the file if the last one was longer ago. Milliseconds. */
    readonly touchMs: number;
    readonly onUse: () => void;
}
/**
 * Reads what a file holds a copy of; of a small copy also the bytes.
 *
 * @param fd stays the caller's to close where there is no copy
 * @returns undefined if the file is no whole copy
 */
export declare function openCopy(files: Files, fd: number, { touchMs, onUse }: OpenOptions): Promise<OpenedCopy | undefined>;
