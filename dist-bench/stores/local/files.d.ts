/** What a name in a folder stands for. */
export type EntryKind = 'file' | 'folder' | 'link' | 'other';
/** What tells one state of a file from every other. */
export interface FileIdentity {
    readonly dev: number;
    readonly ino: number;
    /** Bytes. */
    readonly size: number;
    /** Milliseconds since the epoch, with the fraction that the filesystem keeps. */
    readonly mtimeMs: number;
}
export interface FileStat extends FileIdentity {
    readonly kind: EntryKind;
}
export interface FolderEntry {
    /** The name's own bytes: it need not be UTF-8. */
    readonly name: Buffer;
    readonly kind: EntryKind;
}
/**
 * The filesystem calls that objects' bytes go through, one method a call: what a simulation of power loss or
 * of a failing disk takes the place of. Every method rejects with the system's error (`code`: `ENOENT`, ...).
 */
export interface Files {
    /** Opens for reading; a symbolic link is refused (`ELOOP`). */
    openToRead(path: string): Promise<number>;
    /** Creates a file that was not there, readable by all and writable through this descriptor alone. */
    create(path: string): Promise<number>;
    /** @returns the bytes read: fewer than asked for only at the end of the file */
    read(fd: number, buffer: Buffer, length: number, position: number): Promise<number>;
    /** Writes all of the bytes. */
    write(fd: number, bytes: Buffer, position: number): Promise<void>;
    fsync(fd: number): Promise<void>;
    fstat(fd: number): Promise<FileStat>;
    close(fd: number): Promise<void>;
    /** Makes the names in a folder durable. */
    fsyncFolder(path: string): Promise<void>;
    /** Of the name itself: a symbolic link is not followed. */
    lstat(path: string): Promise<FileStat>;
    /** Gives the file a second name; never replaces one. */
    link(from: string, to: string): Promise<void>;
    /** Replaces what is there. */
    rename(from: string, to: string): Promise<void>;
    unlink(path: string): Promise<void>;
    mkdir(path: string): Promise<void>;
    rmdir(path: string): Promise<void>;
    readFolder(path: string): Promise<FolderEntry[]>;
    realpath(path: string): Promise<string>;
}
/** The machine's own filesystem. */
export declare const diskFiles: Files;
/** Whether two looks saw the same file in the same state. */
export declare function sameIdentity(a: FileIdentity, b: FileIdentity): boolean;
/** The `code` of a system error, such as `ENOENT`; undefined for anything else. */
export declare function systemCode(error: unknown): string | undefined;
