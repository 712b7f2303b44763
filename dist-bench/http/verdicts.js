import { LRUCache } from 'lru-cache';
import { PROOF_BYTES, proveContentType } from '../core/content-type.js';
import { StorageError } from '../core/errors.js';
/** Verdicts kept: a key and an ETag of at most 1.1 KB each. */
const MAX_VERDICTS = 4096;
/** Remembers what the first bytes of files prove, so that ranges and HEADs need not read them each time. */
export class Verdicts {
    #storage;
    #known = new LRUCache({ max: MAX_VERDICTS });
    constructor(storage) {
        this.#storage = storage;
    }
    /** The verdict on this version of the file, if there is one already. */
    known(stat) {
        return this.#known.get(id(stat));
    }
    /** What the file's content proves, judged by its first bytes. */
    async ofBytes(stat, firstBytes) {
        const known = this.known(stat);
        return known === undefined ? this.#judge(stat, firstBytes) : known.proven;
    }
    /** What the file's content proves; reads its first bytes where that is not known. Undefined if they are gone. */
    async ofFile(stat) {
        const known = this.known(stat);
        if (known !== undefined)
            return known.proven;
        if (stat.size === 0)
            return undefined;
        try {
            const range = { start: 0, end: PROOF_BYTES - 1 };
            const file = await this.#storage.openFile(stat.key, { range, ifMatch: stat.etag });
            return await this.#judge(stat, await file.bytes({ maxBytes: PROOF_BYTES }));
        }
        catch (error) {
            // Written over or removed in the meantime: the bytes that are being answered can no longer be judged.
            if (StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND'))
                return undefined;
            throw error;
        }
    }
    async #judge(stat, firstBytes) {
        const proven = await proveContentType(firstBytes);
        this.#known.set(id(stat), { proven });
        return proven;
    }
}
function id(stat) {
    return `${stat.etag} ${stat.key}`;
}
//# sourceMappingURL=verdicts.js.map