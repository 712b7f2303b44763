import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { StorageError, throwIfAborted } from '../core/errors.js';
import { isAside, keyOfRow } from '../failover/aside.js';
import { attachedTo, beginDetaching, endDetaching, giveUpDetaching } from '../failover/attachment.js';
import { conflictFile } from '../failover/conflicts.js';
import { removeCopies } from '../failover/disk-cache.js';
import { DiskSpool } from '../failover/disk-spool.js';
import { HELD, rowsOf } from '../failover/journal.js';
import { LedgerJournal } from '../failover/ledger-journal.js';
import { hashOf, openWhole, rotten } from '../failover/spool-bytes.js';
import { openRoot } from '../stores/local/root.js';
import { LocalStore } from '../stores/local/store.js';
const PAGE = 256;
const CONCURRENCY = 16;
/**
 * Parts a storage folder from the bucket that it is attached to: it is a store of its own then. What the journal
 * holds stays: an upload becomes a file of the folder, a delete is done there.
 */
export class Detachment {
    #root;
    #journal;
    #bytes;
    #settleWindowMs;
    constructor(root, settleWindowMs) {
        this.#root = root;
        this.#journal = new LedgerJournal(root.ledger);
        this.#bytes = new DiskSpool(root);
        this.#settleWindowMs = settleWindowMs;
    }
    /** @throws StorageError `CONFIG_INVALID` if there is no storage folder, or another machine has it */
    static async open(config) {
        const { localStoragePath: path, ledgerPath, settleWindowMs } = config;
        return new Detachment(await openRoot({ path, ledgerPath, create: false }), settleWindowMs);
    }
    /** The endpoint and bucket that the folder is attached to; undefined if it is a store of its own. */
    get target() {
        return attachedTo(this.#root);
    }
    /** What still waits for a bucket; undefined if nothing does. */
    waiting() {
        const found = { uploads: 0, bytes: 0, deletes: 0, settling: 0 };
        let settledAt = 0;
        for (const { state, agreedAt, unknown } of rowsOf(this.#journal)) {
            if (state === undefined)
                continue;
            if (agreedAt !== undefined) {
                found.settling++;
                settledAt = Math.max(settledAt, (unknown?.signedAt ?? 0) + this.#settleWindowMs);
            }
            else if (state.kind === 'put') {
                found.uploads++;
                found.bytes += state.size;
            }
            else
                found.deletes++;
        }
        if (found.uploads + found.deletes + found.settling === 0)
            return undefined;
        return { ...found, ...(found.settling > 0 && { settledAt: new Date(settledAt) }) };
    }
    /** What the folder and the buckets may differ in afterwards, in the order of the journal. */
    *differences() {
        for (const row of rowsOf(this.#journal)) {
            const { state, target, agreedAt } = row;
            if (state === undefined)
                continue;
            yield {
                key: keyOfRow(row),
                target,
                here: state.kind === 'delete' ? 'nothing' : this.#isOlder(row) ? 'conflict' : 'file',
                ...(state.kind === 'put' && { size: state.size }),
                at: new Date(state.at),
                there: agreedAt === undefined ? 'older' : 'same',
            };
        }
    }
    /**
     * Detaches the folder. Nobody else may have it open. Broken off at any moment, it is finished by doing it again;
     * until then nobody can open the folder to store in it.
     *
     * @param options `abandon`: also if something waits for a bucket
     * @throws StorageError `UNAVAILABLE` if the folder is in use, or if something waits and `abandon` is not given
     */
    async finish(options) {
        const { target } = this;
        if (target === undefined)
            return undefined;
        const resumes = await beginDetaching(this.#root);
        // Looked at again, now that nobody can add to it.
        if (!options.abandon && this.waiting() !== undefined) {
            if (!resumes)
                await giveUpDetaching(this.#root);
            const message = `Something waits for ${target} still; "holdfast spool drain" brings it there.`;
            throw new StorageError({ code: 'UNAVAILABLE', op: 'detach', store: 'local', message });
        }
        await removeCopies(this.#root.ownPath);
        const local = await LocalStore.open(this.#root);
        try {
            await local.recovered;
            const report = { target, kept: 0, deleted: 0, conflicts: 0, damaged: [] };
            const limit = pLimit(CONCURRENCY);
            for (let rows = this.#page(); rows.length > 0; rows = this.#page()) {
                const done = rows.map(row => limit(() => this.#takeOver(local, row, report)));
                const failed = (await Promise.allSettled(done)).find(one => one.status === 'rejected');
                if (failed !== undefined)
                    throw failed.reason;
                throwIfAborted(options.signal, 'detach');
            }
            // Copies of what the bucket held are older than what is written here from now on.
            await rm(join(this.#root.ownPath, 'cache'), { recursive: true, force: true });
            await endDetaching(this.#root);
            return report;
        }
        finally {
            await local.close();
        }
    }
    async close() {
        await this.#root.close();
    }
    /** Makes the folder hold what a row says, then removes its file, then the row: in this order it can be done again. */
    async #takeOver(local, row, report) {
        const key = keyOfRow(row);
        const { state } = row;
        if (state === undefined)
            return this.#remove(row);
        if (state.kind === 'delete') {
            // One that was set aside is older than what the folder holds.
            if (!this.#isOlder(row)) {
                await local.delete(key);
                report.deleted++;
            }
            return this.#remove(row);
        }
        const { writeId, stamp, sha256, at } = state;
        const isTaken = !this.#isOlder(row) && (await writeIdOf(local, key)) === writeId;
        const content = isTaken ? 'taken' : await this.#contentOf(key, state).catch(ifDamaged);
        if (content === undefined)
            return this.#giveUpDamaged(local, row, state, report);
        if (this.#isOlder(row)) {
            report.conflicts++;
            return this.#remove(row, conflictOf(key, state, await conflictFile(this.#bytes, key, state)));
        }
        if (content !== 'taken') {
            // The folder's own files have none.
            const { storageClass: _, ...attributes } = state.attributes;
            await local.take(key, content, { writeId, stamp, sha256, lastModified: at, attributes });
        }
        report.kept++;
        await this.#bytes.remove(state.file);
        return this.#remove(row);
    }
    /** Keeps what is left of the bytes, and lets nobody see an older version in the place of what was acknowledged. */
    async #giveUpDamaged(local, row, state, report) {
        const key = keyOfRow(row);
        if (!this.#isOlder(row))
            await local.delete(key);
        report.damaged.push(key);
        const size = state.file.startsWith(HELD) ? undefined : await this.#sizeOf(key, state.file);
        const conflict = { ...conflictOf(key, state, state.file), size: size ?? 0, sha256: undefined };
        await this.#remove(row, size === undefined ? undefined : conflict);
    }
    /** The bytes of a journaled upload, or the file that holds them, known to be those that were acknowledged. @throws `INTEGRITY` */
    async #contentOf(key, state) {
        const file = await openWhole(this.#bytes, key, state);
        try {
            if ((await hashOf(file)) !== state.sha256)
                throw rotten(key, 'has other bytes than were acknowledged');
            return state.file.startsWith(HELD)
                ? await file.read(0, state.size)
                : { path: this.#bytes.filePath(state.file) };
        }
        finally {
            await file.close();
        }
    }
    async #sizeOf(key, name) {
        const file = await this.#bytes.open(name, key).catch(ifDamaged);
        await file?.close();
        return file?.size;
    }
    async #remove(row, conflict) {
        await this.#journal.commit(row.key, row, undefined, { conflict });
    }
    /** Whether the key went on in another bucket, so that the row is not what was acknowledged last. */
    #isOlder({ key, target, superseded }) {
        return isAside(key) || (superseded === true && target !== this.target);
    }
    #page() {
        return this.#journal.scan({ limit: PAGE });
    }
}
async function writeIdOf(local, key) {
    try {
        return (await local.head(key)).writeId;
    }
    catch (error) {
        if (StorageError.is(error, 'NOT_FOUND'))
            return undefined;
        throw error;
    }
}
function conflictOf(key, { writeId, size, sha256, attributes }, file) {
    return { id: writeId, key, at: Date.now(), loser: 'ours', file, size, sha256, attributes };
}
function ifDamaged(error) {
    if (!StorageError.is(error, 'INTEGRITY'))
        throw error;
    return undefined;
}
//# sourceMappingURL=detach.js.map