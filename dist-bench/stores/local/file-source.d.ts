import type { Source } from '../../core/source.js';
import type { Files } from './files.js';
/** An open file of the store as the source of a copy. The descriptor stays the caller's to close. */
export declare class FileSource implements Source {
    #private;
    readonly size: number;
    constructor(files: Files, fd: number, size: number, key: string);
    read(offset: number, length: number): Promise<Buffer>;
    release(): void;
    close(): Promise<void>;
}
