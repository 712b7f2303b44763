import { compareUtf8 } from '../core/key.js';
/** With so many more to come, it pays to wait for company. */
const COMPANY = 8;
/** Keys that are looked for in one listing. */
const TOGETHER = 128;
/** A listing goes so much further than the keys that are looked for, where others lie between them. */
const SPREAD = 2;
/** S3's largest page. */
const MAX_PAGE = 1000;
/** The longest wait for company. Milliseconds. */
const WAIT_MS = 1000;
/** After a listing that showed few of them, so many keys are not looked for in this way. */
const SPARSE = 4096;
/**
 * Finds out for many keys in one request whether the primary holds what was just written there: a listing tells
 * size and ETag of each, and the ETag is compared with the one that the write's own success returned. Keys that lie
 * far apart, and few at a time, are not worth a listing.
 */
export class Listed {
    #store;
    #options;
    #waiting = [];
    /** Writes that have not ended. */
    #coming = 0;
    #sparse = 0;
    #timer;
    constructor(store, options) {
        this.#store = store;
        this.#options = options;
    }
    /** Runs a write whose key may be asked for by {@link shows} as soon as it has ended: others wait for its company. */
    async coming(write) {
        this.#coming++;
        try {
            return await write();
        }
        finally {
            // Looked for in a turn of its own, in which this write is among those that wait.
            if (--this.#coming === 0)
                setImmediate(() => this.#lookIfLast());
        }
    }
    /**
     * Whether a listing shows the key with this size and ETag.
     *
     * @returns false where it does not, or none was made: then the key is to be looked up by itself
     */
    shows(key, size, etag) {
        if (this.#waiting.length === 0 && this.#coming < COMPANY && !this.#options.hasMore())
            return false;
        if (this.#sparse > 0) {
            this.#sparse--;
            return false;
        }
        return new Promise(found => {
            this.#waiting.push({ key, size, etag, found });
            if (this.#waiting.length >= TOGETHER)
                void this.#look();
            else
                this.#timer ??= setTimeout(() => void this.#look(), WAIT_MS);
        });
    }
    /** Nobody else is on the way, so nobody is waited for. */
    #lookIfLast() {
        if (this.#waiting.length > 0 && this.#coming === 0 && !this.#options.hasMore())
            void this.#look();
    }
    async #look() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        const written = this.#waiting.sort((a, b) => compareUtf8(a.key, b.key));
        this.#waiting = [];
        const held = await this.#list(written).catch(() => undefined);
        let shown = 0;
        for (const { key, size, etag, found } of written) {
            const object = held?.get(key);
            const agrees = object !== undefined && object.size === size && object.etag === etag;
            if (agrees)
                shown++;
            found(agrees);
        }
        if (held !== undefined && written.length >= COMPANY && shown < written.length / 4)
            this.#sparse = SPARSE;
    }
    /** What lies behind the first of the keys, which is the one that no listing shows. */
    async #list([first, ...others]) {
        const limit = Math.min(MAX_PAGE, others.length * SPREAD);
        if (first === undefined || limit === 0)
            return new Map();
        const { objects } = await this.#store.list({ startAfter: first.key, limit, signal: this.#options.signal });
        return new Map(objects.map(object => [object.key, object]));
    }
}
//# sourceMappingURL=listed.js.map