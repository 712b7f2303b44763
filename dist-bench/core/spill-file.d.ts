/** Bytes on the disk that nobody else sees and that end with the process: a nameless file. */
export interface SpillFile {
    /** Appends at `offset`, which is where the last append ended. */
    write(bytes: Buffer, offset: number): Promise<void>;
    read(offset: number, length: number): Promise<Buffer>;
    close(): Promise<void>;
}
/** Makes such a file in the folder. Rejects with the system's own error. */
export declare function openSpillFile(folder: string): Promise<SpillFile>;
