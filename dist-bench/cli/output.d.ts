import type { Writable } from 'node:stream';
import picocolors from 'picocolors';
import type { Failure } from './failure.js';
/** Thrown where the reader of stdout has gone (`holdfast ls | head`): the command ends, quietly and well. */
export declare class BrokenPipe extends Error {
}
/** What an {@link Output} is told of the command line. */
export interface OutputOptions {
    /** One JSON object, or one a line for lists, on stdout; errors as `{"error": ...}` on stderr. */
    readonly json: boolean;
    /** No notes and no progress; errors and warnings all the same. */
    readonly quiet: boolean;
}
/** Where a command writes: what was asked for goes to stdout, everything else to stderr. */
export declare class Output {
    #private;
    readonly json: boolean;
    readonly quiet: boolean;
    /** Whether a person reads stdout. */
    readonly isTerminal: boolean;
    /** Colours for what is written to stdout: none unless that is a terminal. */
    readonly paint: ReturnType<typeof picocolors.createColors>;
    constructor(options: OutputOptions, stdout?: Writable & {
        isTTY?: boolean;
    }, stderr?: Writable & {
        isTTY?: boolean;
    });
    /** Whether a person watches stderr, and wants to hear more than errors. */
    get isWatched(): boolean;
    /** From now on none of these texts reaches stderr, whoever wrote it into a message. */
    hide(secrets: readonly string[]): void;
    /** Called before every line to stderr, to take a progress bar out of its way; undefined for none. */
    clearBefore(clear: (() => void) | undefined): void;
    /** From now on a write to stdout that nobody takes ends when the signal fires. */
    endOn(signal: AbortSignal): void;
    /**
     * Writes to stdout, and waits until it was taken.
     *
     * @throws BrokenPipe if nobody reads any more; the system's error if it cannot be written; `ABORTED`
     */
    write(data: string | Uint8Array): Promise<void>;
    /** A line of data on stdout. */
    line(text: string): Promise<void>;
    /** An object on a line of its own on stdout. */
    object(value: object): Promise<void>;
    /** What a person may want to know, on stderr; not with `--quiet` or `--json`. */
    note(text: string): void;
    /** A line on stderr, whatever the flags. */
    say(text: string): void;
    /** That something was left as it is (`--no-clobber`). */
    leftOut(name: string): Promise<void>;
    /** What a person should know, on stderr. */
    warn(text: string): void;
    /** A failure, on stderr. */
    failure(failure: Failure): void;
}
/** A name as a terminal may show it: what would move the cursor or turn the text around is escaped. */
export declare function printable(text: string): string;
/** What a failure says, as a terminal may show it: its lines stay, and the names in it are {@link printable}. */
export declare function failureText({ message }: Failure): string;
