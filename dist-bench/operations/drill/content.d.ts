import { type Random } from '../fault-proxy/random.js';
/** Makes the contents of a drill's files: no two of more than a few bytes alike, all decided by the seed. */
export declare class Contents {
    #private;
    constructor(seed: number, random: Random);
    /** The next file's bytes. */
    next(): Buffer;
}
/** Lower-case hex. */
export declare function sha256Of(bytes: Uint8Array): string;
