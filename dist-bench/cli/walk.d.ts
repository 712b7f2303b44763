import type { Stats } from 'node:fs';
/** Something met in a folder. `name` is relative to the folder walked, with `/` between its segments. */
export type Found = {
    readonly kind: 'file';
    readonly name: string;
    readonly path: string;
}
/** A symbolic link that was not followed, or the folder to avoid. */
 | {
    readonly kind: 'passed';
    readonly what: 'link' | 'avoided';
    readonly name: string;
}
/** Something that cannot be taken, and why. */
 | {
    readonly kind: 'problem';
    readonly name: string;
    readonly error: unknown;
};
/** What identifies a file on this machine. */
export type FileIdentity = Pick<Stats, 'dev' | 'ino'>;
export interface WalkOptions {
    /** Takes what symbolic links lead to; a link to a folder that holds it is a problem. */
    readonly follow: boolean;
    /** A folder to pass over. */
    readonly avoid?: FileIdentity | undefined;
}
/**
 * Every file below a folder, in the order in which the system tells of them. Memory does not grow with the
 * number of files. A name that is no valid UTF-8, a folder that cannot be read, a pipe, socket or device is
 * reported as a problem and ends nothing.
 *
 * @throws the system's error if `root` itself is no folder that can be read
 */
export declare function walk(root: string, options: WalkOptions): AsyncGenerator<Found, void, void>;
/** Whether two files are one. */
export declare function isSame(a: FileIdentity, b: FileIdentity | undefined): boolean;
