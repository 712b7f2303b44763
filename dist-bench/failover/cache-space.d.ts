/** The name of a copy in the folder of its key; every other file in there is a fill. */
export declare const COPY = "copy";
/** Keeps the copies within their bound: counted now and then, and in between by what this process adds and removes. */
export declare class CacheSpace {
    #private;
    /** @param signal breaks off what takes long */
    constructor(folder: string, maxBytes: number, isDead: (processId: string) => boolean, signal: AbortSignal);
    get files(): number;
    /** Of the disk. */
    get bytes(): number;
    /** Sets room aside for a file of this size. @returns whether there is any; then {@link filled} is to follow */
    reserve(size: number): boolean;
    /** A file that room was set aside for has come to be, or not. @returns whether it is time to {@link trim} */
    filled(size: number, there: boolean): boolean;
    /** A file of this size is gone. */
    removed(size: number): void;
    /** Counts anew, and gives up what was not used for the longest time where there is too much. */
    trim(): Promise<void>;
    /** Gives up at least so many bytes, as far as there are any. @returns how many */
    shrink(bytes: number): Promise<number>;
}
