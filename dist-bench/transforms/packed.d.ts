import type { GivenBytes } from '../core/source.js';
import type { SpillFile } from '../core/spill-file.js';
/** Bytes that are gathered before their length is known: in memory up to a part, past it in a file. */
export declare class Packed implements GivenBytes {
    #private;
    constructor(openSpill: () => Promise<SpillFile>);
    get size(): number;
    /** @throws StorageError `NO_SPACE` where the disk is full, `INTERNAL` where it fails */
    append(chunk: Buffer): Promise<void>;
    /** Says that all is there. */
    finish(): void;
    /** Lower-case hex; once it is finished. */
    get sha256(): string;
    /** Once it is finished. */
    read(offset: number, length: number): Promise<Buffer>;
    /** Safe to call twice. */
    close(): Promise<void>;
}
