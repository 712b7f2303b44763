/** What is written. */
type Bytes = AsyncIterable<Uint8Array>;
/**
 * Writes a file, whole or not at all: into a temporary file beside it, which then takes its place. What was
 * there before is replaced, and its permissions stay. A symbolic link keeps pointing where it does; a device or
 * pipe is written to as it is.
 *
 * @param moved told of bytes as they are written
 * @throws the system's error; whatever `bytes` throws. In either case nothing has changed.
 */
export declare function saveFile(path: string, bytes: Bytes, moved: (bytes: number) => void): Promise<void>;
/**
 * Saves files below one folder, and never outside it: a symbolic link on the way, or in the place of the file,
 * is refused, whoever put it there.
 */
export declare class Folder {
    #private;
    readonly root: string;
    /** @param root must be there; symbolic links on the way to it are followed */
    constructor(root: string);
    /**
     * Writes the file as {@link saveFile} does, with the folders on the way to it.
     *
     * @param name relative, with `/` between its segments
     * @returns the path written
     * @throws StorageError `INVALID_ARGUMENT` if something is in the way; the system's error
     */
    save(name: string, bytes: Bytes, moved: (bytes: number) => void): Promise<string>;
}
/** Whether something is at a path, links followed. */
export declare function isThere(path: string): Promise<boolean>;
export {};
