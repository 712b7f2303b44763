import type { FileStat } from '../storage.js';
import type { HttpStorage } from './options.js';
/** What a file's first bytes prove: a media type, or nothing. */
export interface Verdict {
    readonly proven: string | undefined;
}
/** Remembers what the first bytes of files prove, so that ranges and HEADs need not read them each time. */
export declare class Verdicts {
    #private;
    constructor(storage: HttpStorage);
    /** The verdict on this version of the file, if there is one already. */
    known(stat: FileStat): Verdict | undefined;
    /** What the file's content proves, judged by its first bytes. */
    ofBytes(stat: FileStat, firstBytes: Uint8Array): Promise<string | undefined>;
    /** What the file's content proves; reads its first bytes where that is not known. Undefined if they are gone. */
    ofFile(stat: FileStat): Promise<string | undefined>;
}
