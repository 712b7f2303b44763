import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { StorageError, throwIfAborted } from '../../core/errors.js';
import { resolveRange } from '../../core/range.js';
import { signUrl, verifySignedUrl } from '../../core/signed-url.js';
import { openSource } from '../../core/source.js';
import { nextTurn } from '../../core/turn.js';
import { newWriteId } from '../../core/write-id.js';
import { Adopter } from './adopt.js';
import { AdoptionScan, forgetAdopted } from './adoption-scan.js';
import { checkCondition, checkWriteId, refuseStorageClass } from './conditions.js';
import { FileSource } from './file-source.js';
import { sameIdentity } from './files.js';
import { adoptPath } from './import.js';
import { storageError } from './io-error.js';
import { listPage } from './listing.js';
import { locate, openAt, statAt } from './locate.js';
import { Publisher } from './publish.js';
import { BytesBody, FileBody } from './reading.js';
import { recover } from './recovery.js';
import { nameToTake } from './take.js';
import { damaged } from './tree.js';
/** How long a listing waits for the first scan of a folder before it says that it is not complete. */
const SCAN_WAIT_MS = 2000;
/** Removals at a time. */
const DELETES_TOGETHER = 64;
/**
 * Objects as files in a folder, where people can see them, with a ledger beside them that says what is an
 * object. Durable when acknowledged; safe with several processes of one machine at once. An ETag is the write id.
 */
export class LocalStore {
    kind = 'local';
    capabilities = {
        conditionalPut: true,
        conditionalMultipart: true,
        conditionalDelete: true,
        presign: true,
        tags: true,
        storageClasses: false,
        versions: false,
        lifecycle: false,
    };
    #root;
    #options;
    #adopter;
    #scan;
    #publisher;
    #stop = new AbortController();
    #recovered;
    #closed = false;
    constructor(root, options) {
        this.#root = root;
        this.#options = options;
        this.#adopter = new Adopter(root, options.stillMs);
        this.#scan = new AdoptionScan(root, this.#adopter);
        this.#publisher = new Publisher(root, options.logger ?? root.logger);
        this.#recovered = recover(root, this.#stop.signal).catch(error => {
            if (this.#stop.signal.aborted)
                return;
            root.diskFailed(error);
            root.addProblem('RECOVERY_STOPPED', `What an earlier run left could not all be finished: ${storageError(error, 'open').message}`);
        });
    }
    /**
     * The store of an opened folder, usable at once: what earlier runs left unfinished, and files that were there
     * before the ledger, are seen to while it works. The caller closes the root, after the store.
     */
    static async open(root, options = {}) {
        return new LocalStore(root, options);
    }
    /** Settles when what earlier runs left is finished. */
    get recovered() {
        return this.#recovered;
    }
    /** Settles when every file that was in the folder before has been looked at; listings are complete then. */
    get adopted() {
        return this.#scan.done;
    }
    /** Whether files in the folder may still become objects by themselves. */
    get adopting() {
        return !this.#scan.ended;
    }
    /** Looks through the folder once more for files that were put there by others; {@link adopted} tells of its end. */
    async adoptAgain() {
        if (this.#scan.running)
            return;
        await forgetAdopted(this.#root.ledger);
        this.#scan = new AdoptionScan(this.#root, this.#adopter);
    }
    async put(key, source, options) {
        return this.#run('put', key, options, async () => {
            refuseStorageClass('put', key, options.attributes);
            const writeId = options.writeId ?? newWriteId(options.attributes.expiresAt);
            checkWriteId('put', key, writeId);
            const { signal, sha256, ifMatch, ifNoneMatch } = options;
            // Before the content is read; what counts is checked again with the commit.
            if (ifMatch !== undefined || ifNoneMatch !== undefined) {
                checkCondition('put', key, (await this.#current('put', key))?.row.object, options);
            }
            const written = await this.#write(writeId, source, { op: 'put', key, signal, sha256 });
            return this.#publisher.publish({
                ...options,
                op: 'put',
                key,
                writeId,
                written,
                current: () => this.#current('put', key),
            });
        });
    }
    async get(key, options = {}) {
        return this.#run('get', key, options, async () => {
            const { object, stat, hit } = await this.#locate('get', key, openAt);
            try {
                checkCondition('get', key, object, options);
                const range = options.range && resolveRange(options.range, stat.size, key);
                const start = range?.start ?? 0;
                const end = range === undefined ? stat.size : range.end + 1;
                const body = this.#bodyOf(key, object, hit, start, end, options.signal);
                return range === undefined ? { stat, body } : { stat, range, body };
            }
            catch (error) {
                if ('fd' in hit)
                    await this.#root.files.close(hit.fd);
                throw error;
            }
        });
    }
    async head(key, options = {}) {
        return this.#run('head', key, options, async () => (await this.#locate('head', key, statAt)).stat);
    }
    async delete(key, options = {}) {
        return this.#run('delete', key, options, async () => this.#publisher.remove({ key, ifMatch: options.ifMatch, current: () => this.#current('delete', key) }));
    }
    async deleteMany(keys, options = {}) {
        return this.#run('deleteMany', undefined, options, async () => {
            const failed = [];
            const limit = pLimit(DELETES_TOGETHER);
            const removeOne = async (key) => {
                try {
                    await this.delete(key, options);
                }
                catch (error) {
                    failed.push({ key, error: storageError(error, 'delete', key) });
                }
            };
            await Promise.all(keys.map(key => limit(removeOne, key)));
            return { deleted: keys.length - failed.length, failed };
        });
    }
    async copy(from, to, options = {}) {
        return this.#run('copy', to, options, async () => {
            const { object, hit } = await this.#locate('copy', from, openAt);
            const { files, bytes, placer, processId } = this.#root;
            const attributes = options.attributes ?? object.attributes;
            const writeId = options.writeId ?? newWriteId(attributes.expiresAt);
            let written;
            try {
                checkCondition('copy', from, object, { ifMatch: options.sourceIfMatch });
                checkWriteId('copy', to, writeId);
                refuseStorageClass('copy', to, attributes);
                checkCondition('copy', to, (await this.#current('copy', to))?.row.object, options);
                const source = 'fd' in hit
                    ? new FileSource(files, hit.fd, object.identity.size, from)
                    : await openSource(hit.content);
                written = await this.#write(writeId, source, { op: 'copy', key: to, signal: options.signal });
            }
            finally {
                if ('fd' in hit)
                    await files.close(hit.fd);
            }
            if (object.sha256 !== undefined && object.sha256 !== written.sha256) {
                await bytes.discard(placer.tree.stagedPath(processId, writeId));
                throw damaged('copy', from, 'its bytes are not those that were written');
            }
            const { ifMatch, ifNoneMatch } = options;
            return this.#publisher.publish({
                op: 'copy',
                key: to,
                writeId,
                written,
                attributes,
                ifMatch,
                ifNoneMatch,
                current: () => this.#current('copy', to),
            });
        });
    }
    async list(options = {}) {
        return this.#run('list', undefined, options, async () => {
            if (this.#scan.running) {
                const waited = new AbortController();
                const wait = sleep(SCAN_WAIT_MS, undefined, { signal: waited.signal }).catch(() => { });
                await Promise.race([this.#scan.done, wait]);
                waited.abort();
                throwIfAborted(options.signal, 'list');
            }
            return listPage(this.#root.ledger, options, !this.#scan.running);
        });
    }
    async getTags(key, options) {
        return this.#run('tags', key, options, async () => {
            const { object } = await this.#locate('tags', key, statAt);
            return object.attributes.tags ?? {};
        });
    }
    async setTags(key, tags, options) {
        const { signal } = options ?? {};
        return this.#run('tags', key, options, () => this.#publisher.retag({ key, tags, signal, current: () => this.#current('tags', key) }));
    }
    async presign(key, options) {
        return this.#run('presign', key, undefined, async () => signUrl(await this.#signingKeys(), key, { ...options, baseUrl: this.#options.publicUrl }));
    }
    /** What a signed URL of this store (its path and query) grants for a method; undefined if nothing. */
    async verifySignedUrl(method, pathAndQuery) {
        return verifySignedUrl(await this.#signingKeys(), method, pathAndQuery);
    }
    /** How many objects there are and how many bytes they have: a sum that is kept, not a count. */
    async metrics() {
        return this.#run('metrics', undefined, undefined, async () => this.#root.ledger.usage());
    }
    /**
     * Makes an object of bytes that were acknowledged elsewhere in this folder, with their own write id, stamp and
     * time. A file is not copied: it gets one more name, and keeps the one it has. Doing it again is no harm.
     *
     * @param content the bytes, or the durable file that holds them
     * @throws StorageError `UNAVAILABLE`, `NO_SPACE` as the disk answers
     */
    async take(key, content, write) {
        await this.#run('take', key, undefined, async () => {
            const current = () => this.#current('take', key);
            if ((await current())?.row.object?.writeId === write.writeId)
                return;
            checkWriteId('take', key, write.writeId);
            const written = Buffer.isBuffer(content)
                ? { content, sha256: write.sha256 }
                : await nameToTake(this.#root, content.path, key, write);
            await this.#publisher.publish({ ...write, op: 'take', key, written, current });
        });
    }
    /** Takes files that lie in the folder for objects; see {@link adoptPath}. */
    async importFiles(path, signal) {
        return this.#run('import', undefined, { signal }, () => adoptPath(this.#root, this.#adopter, path, signal));
    }
    async close() {
        if (this.#closed)
            return;
        this.#closed = true;
        this.#stop.abort();
        await this.#scan.close();
        await this.#recovered;
        await this.#root.placer.flush().catch(error => this.#root.diskFailed(error));
    }
    async #signingKeys() {
        const { signingKeys } = this.#options;
        return signingKeys !== undefined && signingKeys.length > 0 ? signingKeys : [await this.#root.signingKey()];
    }
    /** Makes content durable, or, where it is small, ready to be made so with its row. */
    async #write(writeId, source, options) {
        const { bytes, placer, tmpPath } = this.#root;
        const small = placer.isBehind ? undefined : await bytes.readSmall(source, options);
        return small ?? bytes.write(tmpPath, writeId, source, options);
    }
    #bodyOf(key, object, hit, start, end, signal) {
        if ('content' in hit)
            return new BytesBody(hit.content.subarray(start, end), key, signal);
        return new FileBody({
            files: this.#root.files,
            fd: hit.fd,
            key,
            start,
            length: end - start,
            signal,
            isUnchanged: now => sameIdentity(this.#root.identityOf(now), object.identity),
        });
    }
    /** What every operation begins and ends with. */
    async #run(op, key, options, work) {
        try {
            if (this.#closed)
                throw this.#closedError(op, key);
            throwIfAborted(options?.signal, op, key);
            const turn = nextTurn();
            if (turn !== undefined)
                await turn;
            return await work();
        }
        catch (error) {
            this.#root.diskFailed(error);
            // Its folder may have gone with the store while it ran.
            if (this.#closed && !StorageError.is(error))
                throw this.#closedError(op, key);
            throw storageError(error, op, key);
        }
    }
    #closedError(op, key) {
        const message = 'The store is closed.';
        return new StorageError({ code: 'UNAVAILABLE', op, key, store: 'local', message, retryable: false });
    }
    /** The key's newest row. Until the first scan has ended, a file without a row is adopted when it is asked for. */
    async #current(op, key) {
        const found = this.#root.ledger.get(key);
        if (found !== undefined || !this.#scan.running)
            return found;
        return (await this.#adopter.adoptKey(op, key)) ? this.#root.ledger.get(key) : undefined;
    }
    #locate(op, key, look) {
        return locate({
            root: this.#root,
            adopter: this.#adopter,
            op,
            key,
            look,
            current: () => this.#current(op, key),
        });
    }
}
//# sourceMappingURL=store.js.map