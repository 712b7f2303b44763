/** A file or folder of this machine, and the key or prefix that it goes to. */
export interface Destination {
    readonly path: string;
    /** Of a folder: the prefix of what is in it, empty or with a `/` at its end. */
    readonly key: string;
    readonly isFolder: boolean;
}
/**
 * What the arguments of `put` mean: the last of several is where the others go, as `cp` has it. One file goes to
 * the key given, or below it where it ends in `/`, or to its own name; what is in one folder goes below the
 * prefix given, or below the folder's name; several keep their names below the prefix.
 *
 * @param to the key or prefix, if it is given by `--to`: then every argument is a file or folder
 * @param recursive whether folders are taken as such; otherwise they are treated as files, and fail as such
 * @throws StorageError `INVALID_ARGUMENT` where it is not plain which argument is the key
 */
export declare function destinations(args: readonly string[], to: string | undefined, recursive: boolean): Promise<readonly Destination[]>;
/** A prefix with the `/` that makes it a folder's; the empty one is everything's. */
export declare function asFolder(prefix: string): string;
