import type { Context } from './context.js';
/** One file of a transfer. */
export interface Job {
    /** How a failure names it. */
    readonly name: string;
    /**
     * Moves the file.
     *
     * @param moved to be told of bytes as they come through
     * @returns what to tell of it with `--json`; undefined if it was rightly left out (`--no-clobber`)
     */
    run(moved: (bytes: number) => void): Promise<object | undefined>;
}
/** Something of a transfer that cannot be moved, and why. */
export interface Unmovable {
    readonly name: string;
    readonly error: unknown;
}
export interface TransferOptions {
    /** What has been done with a file: `Stored`, `Fetched`. */
    readonly done: string;
    readonly concurrency: number;
    /** Why files are rightly left out: `already there` unless given. */
    readonly leftOut?: string;
    /** Whether the summary tells time and rate; true unless given. */
    readonly showRate?: boolean;
    /** The error of a transfer that finds nothing to move; without it, that is no failure. */
    readonly nothing?: () => Error;
    /** Counts ahead what there is to do: bytes of file after file. Read only where somebody watches. */
    readonly sizes?: (() => AsyncIterable<number>) | undefined;
}
/**
 * Moves many files, some at once, any number of them in constant memory. A file that fails is reported at the
 * end and stops none of the others.
 *
 * @returns the exit code: 0; 5 if some failed; 4 if all did because the store is away
 * @throws `ABORTED` when interrupted, after a word on what was done
 */
export declare function transfer(context: Context, jobs: AsyncIterable<Job | Unmovable>, options: TransferOptions): Promise<number>;
