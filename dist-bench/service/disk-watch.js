import { statfs } from 'node:fs/promises';
/** Free disk space is asked for again after this long, where somebody is about to take some. Milliseconds. */
const FREE_SPACE_AGE_MS = 250;
/** How full the disk of the storage folder is. */
export class DiskWatch {
    #path;
    #ballast;
    #asked = Number.NEGATIVE_INFINITY;
    #asking = Promise.resolve(0);
    #free;
    #hasBallast;
    /** @param path any folder on that disk */
    constructor(path, ballast) {
        this.#path = path;
        this.#ballast = ballast;
        this.#hasBallast = ballast.present;
    }
    /** Free bytes, as they were a moment ago, or as they are now. */
    freeBytes(asOfNow = false) {
        const now = performance.now();
        if (asOfNow || now - this.#asked > FREE_SPACE_AGE_MS) {
            this.#asked = now;
            this.#asking = statfs(this.#path).then(({ bavail, bsize }) => {
                this.#free = bavail * bsize;
                return this.#free;
            });
        }
        return this.#asking;
    }
    /** What was found last; asks nothing. */
    get last() {
        return { freeBytes: this.#free, ballast: this.#hasBallast };
    }
    /** Has a look, in the background. */
    look() {
        this.#hasBallast = this.#ballast.present;
        this.freeBytes().catch(() => { });
    }
}
//# sourceMappingURL=disk-watch.js.map