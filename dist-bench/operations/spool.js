import { StorageError, shown } from '../core/errors.js';
import { openSource, readChunks } from '../core/source.js';
import { keyOfRow } from '../failover/aside.js';
import { DiskSpool } from '../failover/disk-spool.js';
import { contentOf, rowsOf } from '../failover/journal.js';
import { LedgerJournal } from '../failover/ledger-journal.js';
import { openRoot } from '../stores/local/root.js';
import { decode } from '../transforms/decode.js';
const PIECE_BYTES = 256 * 1024;
/** What the storage folder keeps for the object store. Safe beside processes that use the folder. */
export class Spool {
    #root;
    #journal;
    #bytes;
    constructor(root) {
        this.#root = root;
        this.#journal = new LedgerJournal(root.ledger);
        this.#bytes = new DiskSpool(root);
    }
    /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
    static async open(config) {
        const { localStoragePath: path, ledgerPath } = config;
        return new Spool(await openRoot({ path, ledgerPath, create: false }));
    }
    /** Every entry, in the order of the keys. */
    *entries() {
        for (const row of rowsOf(this.#journal))
            yield this.#entryOf(row);
    }
    /**
     * Has parked entries tried again: these, or all. The process that replicates takes them up within half a minute.
     *
     * @returns the keys of the entries that were parked
     * @throws StorageError `NOT_FOUND` for a key that has no parked entry
     */
    async retry(keys) {
        const retried = [];
        for (const row of keys.length === 0 ? rowsOf(this.#journal) : keys.map(key => this.#parked(key))) {
            if (row.parked === undefined)
                continue;
            const { parked, ...content } = contentOf(row);
            // Who has changed the row meanwhile has given it another try.
            await this.#journal.commit(row.key, row, content);
            retried.push(keyOfRow(row));
        }
        return retried;
    }
    conflicts() {
        return this.#journal.conflicts().map(conflict => ({
            id: conflict.id,
            key: conflict.key,
            at: new Date(conflict.at),
            loser: conflict.loser,
            size: conflict.size,
            path: this.#bytes.filePath(conflict.file),
        }));
    }
    /**
     * Ends a conflict: the version that is in the object store stays, or the kept one is stored anew over it. The kept
     * bytes are removed.
     *
     * @returns the upload's result where the kept version was stored
     * @throws StorageError `NOT_FOUND` for an id that there is not, and what `uploadFile` throws: then the conflict stays
     */
    async resolve(id, keep, storage) {
        const conflict = this.#journal.conflicts().find(other => other.id === id);
        if (conflict === undefined)
            throw missing(`There is no conflict ${shown(id)}.`);
        const result = keep === 'kept' ? await this.#store(conflict, storage) : undefined;
        await this.#journal.removeConflict(id);
        await this.#bytes.remove(conflict.file);
        return result;
    }
    async close() {
        await this.#root.close();
    }
    #store(conflict, storage) {
        const { key, file, size, sha256, attributes } = conflict;
        const content = { path: this.#bytes.filePath(file) };
        // What a person has decided to keep does not vanish by itself any more.
        const { original, contentEncoding, expiresAt, ...carried } = attributes;
        return original === undefined
            ? storage.uploadFile(content, key, { ...carried, contentEncoding, size, sha256 })
            : this.#storeDecoded(storage, content, key, { ...carried, size: original.size, sha256: original.sha256 }, original);
    }
    /** What was compressed is compressed anew, by the storage itself. */
    async #storeDecoded(storage, content, key, options, original) {
        const stored = await openSource(content);
        try {
            const bytes = decode(readChunks(stored, PIECE_BYTES), original, { key });
            return await storage.uploadFile(bytes, key, { ...options, compress: original.encoding });
        }
        finally {
            await stored.close();
        }
    }
    #parked(key) {
        const row = this.#journal.get(key);
        if (row?.parked === undefined)
            throw missing(`There is no parked entry ${shown(key)}.`);
        return row;
    }
    #entryOf(row) {
        const { target, state, agreedAt, parked } = row;
        const isSettling = state === undefined || agreedAt !== undefined;
        const path = state?.kind === 'put' ? this.#bytes.pathOf(state.file) : undefined;
        return {
            key: keyOfRow(row),
            kind: state?.kind ?? 'doubt',
            state: parked !== undefined ? 'parked' : isSettling ? 'settling' : 'pending',
            target,
            ...(state !== undefined && { at: new Date(state.at) }),
            ...(state?.kind === 'put' && { size: state.size }),
            ...(path !== undefined && { path }),
            ...(parked !== undefined && { problem: { code: parked.code, message: parked.message } }),
        };
    }
}
function missing(message) {
    return new StorageError({ code: 'NOT_FOUND', op: 'spool', message });
}
//# sourceMappingURL=spool.js.map