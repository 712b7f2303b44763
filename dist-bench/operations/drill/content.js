import { createCipheriv, createHash } from 'node:crypto';
import { between } from '../fault-proxy/random.js';
const MIB = 1024 * 1024;
/** Larger than the usual part, so that it goes up in two. */
const LARGE = 8 * MIB + 1;
const NAME_BYTES = 24;
/** Sizes of files, each with how often it comes in a hundred: what is usual in a chat, and the edges of pages and parts. */
const SIZES = [
    [3, () => 0],
    [3, () => 1],
    [12, random => 4095 + Math.floor(random() * 3)],
    [54, random => Math.floor(between(random, 100, 40_000))],
    [20, () => 64 * 1024],
    [7, () => MIB],
    [1, () => LARGE],
];
/** Makes the contents of a drill's files: no two of more than a few bytes alike, all decided by the seed. */
export class Contents {
    #noise;
    #random;
    #made = 0;
    constructor(seed, random) {
        // AES in counter mode over zeros is as good as noise, and quick.
        const key = createHash('sha256').update(`holdfast drill ${seed}`).digest();
        this.#noise = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(LARGE + MIB));
        this.#random = random;
    }
    /** The next file's bytes. */
    next() {
        const size = sizeOf(this.#random);
        const offset = Math.floor(this.#random() * MIB);
        const bytes = Buffer.from(this.#noise.subarray(offset, offset + size));
        bytes.write(`holdfast drill ${++this.#made} `.padEnd(NAME_BYTES), 0, 'latin1');
        return bytes;
    }
}
function sizeOf(random) {
    let draw = random() * 100;
    for (const [share, size] of SIZES) {
        draw -= share;
        if (draw < 0)
            return size(random);
    }
    return 1;
}
/** Lower-case hex. */
export function sha256Of(bytes) {
    return createHash('sha256').update(bytes).digest('hex');
}
//# sourceMappingURL=content.js.map