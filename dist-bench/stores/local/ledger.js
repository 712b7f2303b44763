import { StorageError, shown } from '../../core/errors.js';
import { RESERVED_PREFIX } from '../../core/key.js';
import { commitErrorOf, systemErrorOf } from './commit-error.js';
import { storageError } from './io-error.js';
import { packRow, unpackRow } from './row.js';
/** What the names of tables begin with that others keep here. */
const TABLE = 'x-';
/** The fact of the last correction of the usage. */
const CORRECTED = 'usage-corrected';
const EMPTY = Buffer.alloc(0);
const OWN = Buffer.from(RESERVED_PREFIX);
/** Key 0 holds the sum; every other key is one commit's addition, not yet folded into it. */
const SUM = 0;
/**
 * The database beside the files. The one module that touches LMDB.
 *
 * A commit is durable when its promise resolves, and invisible when it rejects. Every decision is made on a
 * snapshot taken at that moment (LMDB otherwise reads from the event turn's first snapshot, and misses what
 * another process has committed since) and committed on the condition that the row is unchanged, so no
 * JavaScript ever runs inside a write transaction, where a stopped process would hold up all others.
 */
export class Ledger {
    #environment;
    #rows;
    /** The keys of rows that have work. */
    #pending;
    /** Bytes of small objects whose files are not durable yet, by write id. */
    #bytes;
    #usage;
    #facts;
    #uploads;
    #options;
    #poison;
    #closed = false;
    #unfolded = 0;
    constructor(environment, options) {
        this.#environment = environment;
        this.#options = options;
        this.#rows = environment.openDB('rows', { keyEncoding: 'binary', useVersions: true });
        this.#pending = environment.openDB('pending', { keyEncoding: 'binary' });
        this.#bytes = environment.openDB('bytes', { encoding: 'binary' });
        this.#usage = environment.openDB('usage', { useVersions: true });
        this.#facts = environment.openDB('facts', { encoding: 'string', useVersions: true });
        this.#uploads = environment.openDB('uploads', {});
    }
    /** Opens the database in a folder, making it if it is not there. */
    static async open(path, options) {
        // Loaded here and not above: importing the library loads no native code.
        const { open } = await import('lmdb');
        try {
            return new Ledger(open({
                path,
                noSubdir: false,
                maxDbs: 32,
                // The default answers before the sync, and shows a row whose sync failed.
                overlappingSync: false,
                eventTurnBatching: false,
            }), options);
        }
        catch (error) {
            throw storageError(systemErrorOf(error), 'open');
        }
    }
    /** The failure after which nothing is committed any more. */
    get poison() {
        return this.#poison;
    }
    /** The newest committed row. */
    get(key) {
        this.#fresh();
        const entry = this.#rows.getEntry(Buffer.from(key));
        return entry === undefined ? undefined : { row: unpackRow(entry.value), version: entry.version ?? 0 };
    }
    /**
     * Writes a row if it still has the version that was seen, together with what follows from it (the list of
     * rows that have work, the usage), in one durable commit.
     *
     * @returns the row's new version (0 if it was removed), or undefined if another write came first: nothing was written then
     * @throws StorageError `NO_SPACE`, or `UNAVAILABLE` if the commit failed, or one before it did
     */
    async write(write) {
        await this.#checkWritable();
        const version = this.#options.nextVersion();
        const done = this.#conditional(write, version);
        return (await this.#committed(done)) ? (write.row === undefined ? 0 : version) : undefined;
    }
    /**
     * {@link write} for many rows at once, each on its own condition.
     *
     * @returns for each whether it was written
     */
    async writeAll(writes) {
        await this.#checkWritable();
        const all = writes.map(write => this.#conditional(write, this.#options.nextVersion()));
        return this.#committed(Promise.all(all));
    }
    /**
     * The objects from a key on, in the order of the keys' UTF-8 bytes.
     *
     * @param start the first bytes of the range, included
     * @param end where given, the bytes that end it, excluded
     */
    *range(start, end) {
        this.#fresh();
        for (const { key, value } of this.#rows.getRange(end === undefined ? { start } : { start, end })) {
            yield { key: key.toString(), row: unpackRow(value) };
        }
    }
    /** Rows after a key (from the first one on unless given), in the order of the keys' UTF-8 bytes, with their versions. */
    page(after, limit, at) {
        if (at === undefined)
            this.#fresh();
        const entries = this.#rows.getRange({ start: startAfter(after), limit, versions: true, ...readAt(at) });
        return Array.from(entries, ({ key, value, version }) => ({
            key: key.toString(),
            row: unpackRow(value),
            version: version ?? 0,
        }));
    }
    /** The bytes that were committed with a row under this id; none for empty content. */
    bytesOf(id) {
        this.#fresh();
        return this.#bytes.getBinary(id) ?? EMPTY;
    }
    /** The keys of rows that have work, at this moment. */
    pendingKeys() {
        this.#fresh();
        const keys = [];
        for (const key of this.#pending.getKeys({}))
            keys.push(key.toString());
        return keys;
    }
    /** Some of {@link pendingKeys}: those after a key, in order. */
    pendingPage(after, limit) {
        this.#fresh();
        return Array.from(this.#pending.getKeys({ start: startAfter(after), limit }), key => key.toString());
    }
    /** Ids of {@link bytesOf} after one, in the order of their bytes. */
    bytesPage(after, limit) {
        this.#fresh();
        const start = after === undefined ? {} : { start: after, exclusiveStart: true };
        return Array.from(this.#bytes.getKeys({ ...start, limit }), String);
    }
    /** Whether the key is among {@link pendingKeys}. */
    isPending(key) {
        this.#fresh();
        return this.#pending.doesExist(Buffer.from(key));
    }
    /**
     * Reads everything there is, at one moment and without a pause: for a process that does nothing else.
     *
     * @throws Error where something cannot be read, StorageError `CONFIG_INVALID` for a ledger of another version; where the file is cut or its pages are not those of a database, the
     *   operating system may end the process
     */
    inspect() {
        this.#fresh();
        const counted = { count: 0, bytes: 0 };
        for (const { key, value } of this.#rows.getRange({})) {
            const { object } = readable('row', key, () => unpackRow(value));
            if (object === undefined || isOwn(key))
                continue;
            counted.count++;
            counted.bytes += object.identity.size;
        }
        const kept = this.#sum();
        for (const name of this.#environment.getKeys({})) {
            if (typeof name !== 'string' || name === 'rows' || name === 'usage')
                continue;
            const isTable = name.startsWith(TABLE);
            const raw = { keyEncoding: 'binary', encoding: 'binary', useVersions: isTable };
            for (const { key, value } of this.#environment.openDB(name, raw).getRange({})) {
                if (isTable)
                    readable(`${name.slice(TABLE.length)} entry`, key, () => JSON.parse(value.toString()));
            }
        }
        return { id: this.#facts.get('id'), counted, kept, corrected: this.#facts.getEntry(CORRECTED)?.version };
    }
    /** The ledger as it is now, for as long as it is read. */
    snapshot() {
        this.#fresh();
        const transaction = this.#environment.useReadTransaction();
        return { transaction, done: () => transaction.done() };
    }
    /**
     * Adds to the usage what it lacks of the truth, which stays right whatever others commit at the same time.
     *
     * @param corrected as {@link inspect} told it with what the truth was taken from
     * @returns false if somebody else has corrected it since; nothing was done then
     */
    async correctUsage({ count, bytes }, corrected) {
        await this.#checkWritable();
        const version = this.#options.nextVersion();
        const write = () => {
            this.#facts.put(CORRECTED, String(Date.now()), version);
            this.#usage.put(version, [count, bytes], version);
        };
        const done = await this.#committed(corrected === undefined
            ? this.#facts.ifNoExists(CORRECTED, write)
            : this.#facts.ifVersion(CORRECTED, corrected, write));
        if (done)
            this.#unfolded++;
        return done;
    }
    /**
     * Resolves when all that was read is durable: what another process commits can be seen a moment before its sync.
     * Called before anything is removed for good because no row names it.
     */
    async barrier() {
        await this.setFact('barrier', String(Date.now()));
    }
    /** What all objects take. The cost grows with the commits since {@link foldUsage}, never with the objects. */
    usage() {
        this.#fresh();
        return this.#sum();
    }
    #sum() {
        let count = 0;
        let bytes = 0;
        for (const { value } of this.#usage.getRange({})) {
            count += value[0];
            bytes += value[1];
        }
        return { count, bytes };
    }
    /** Commits whose additions are not folded into the sum, as far as this process made them. */
    get unfolded() {
        return this.#unfolded;
    }
    /** Folds what commits added to the usage into one sum. Another process doing the same is no harm. */
    async foldUsage() {
        await this.#checkWritable();
        this.#fresh();
        this.#unfolded = 0;
        const sum = this.#usage.getEntry(SUM);
        let [count, bytes] = sum?.value ?? [0, 0];
        const folded = [];
        for (const { key, value } of this.#usage.getRange({ start: SUM + 1 })) {
            folded.push(key);
            count += value[0];
            bytes += value[1];
        }
        if (folded.length === 0)
            return;
        const version = this.#options.nextVersion();
        await this.#committed(this.#if(this.#usage, SUM, sum?.version, () => {
            this.#usage.put(SUM, [count, bytes], version);
            for (const key of folded)
                this.#usage.remove(key);
        }));
    }
    /** A fact of the whole folder, such as its id. */
    fact(name) {
        this.#fresh();
        return this.#facts.get(name);
    }
    /** Notes a fact durably, replacing what was there. */
    async setFact(name, value) {
        await this.#checkWritable();
        await this.#committed(this.#facts.put(name, value, this.#options.nextVersion()));
    }
    /** Forgets facts, durably and all together. */
    async removeFacts(names) {
        await this.#checkWritable();
        await this.#committed(this.#environment.batch(() => {
            for (const name of names)
                this.#facts.remove(name);
        }));
    }
    /** Notes a fact unless it is known. @returns what holds now */
    async claimFact(name, value) {
        await this.#checkWritable();
        const version = this.#options.nextVersion();
        await this.#committed(this.#facts.ifNoExists(name, () => {
            this.#facts.put(name, value, version);
        }));
        return this.fact(name) ?? value;
    }
    /** Notes durably that an upload in parts was begun by a process. */
    async addUpload(entry, process) {
        await this.#checkWritable();
        const { uploadId, key, bucket, endpoint } = entry;
        await this.#committed(this.#uploads.put(uploadKey(uploadId), [uploadId, process, key, bucket, endpoint]));
    }
    /** Forgets an upload that ended. */
    async removeUpload(uploadId) {
        await this.#checkWritable();
        await this.#committed(this.#uploads.remove(uploadKey(uploadId)));
    }
    /** All uploads that were begun and not seen to end, each with the process that began it. */
    uploads() {
        this.#fresh();
        const found = [];
        for (const { value } of this.#uploads.getRange({})) {
            const [uploadId = '', process = '', key = '', bucket = '', endpoint = ''] = value;
            found.push({ entry: { uploadId, key, bucket, endpoint }, process });
        }
        return found;
    }
    /** A table of this name; made if it is not there. */
    table(name) {
        return new JsonTable(this.#environment.openDB(TABLE + name, { keyEncoding: 'binary', encoding: 'json', useVersions: true }), () => this.#fresh());
    }
    /**
     * Commits what `write` writes to tables, durably and all together, if every condition holds.
     *
     * @param write called once or not at all; it is given the version of what it writes
     * @returns the version, or undefined if a condition did not hold: nothing was written then
     */
    async commit(conditions, write) {
        await this.#checkWritable();
        const version = this.#options.nextVersion();
        const held = [];
        const nest = (index) => {
            const condition = conditions[index];
            if (condition === undefined) {
                write(version);
                return;
            }
            const { key } = condition;
            const { database } = condition.table;
            held.push(this.#if(database, key, condition.version, () => nest(index + 1)));
        };
        if (conditions.length === 0)
            held.push(this.#environment.batch(() => nest(0)));
        else
            nest(0);
        const all = await this.#committed(Promise.all(held));
        return all.every(Boolean) ? version : undefined;
    }
    /** Keeps bytes under an id of their own. Within {@link commit} only. */
    putBytes(id, content) {
        if (content.length > 0)
            this.#bytes.put(id, content);
    }
    /** Lets bytes go. Within {@link commit} only. */
    removeBytes(id) {
        this.#bytes.remove(id);
    }
    async close() {
        if (this.#closed)
            return;
        this.#closed = true;
        await this.#environment.close();
    }
    #conditional(write, version) {
        const { row, usage, bytes, forget } = write;
        const key = Buffer.from(write.key);
        return this.#if(this.#rows, key, write.expected, () => {
            if (row === undefined)
                this.#rows.remove(key);
            else
                this.#rows.put(key, packRow(row), version);
            if (row?.work === undefined)
                this.#pending.remove(key);
            else
                this.#pending.put(key, true);
            if (bytes !== undefined && bytes.content.length > 0)
                this.#bytes.put(bytes.writeId, bytes.content);
            if (forget !== undefined)
                for (const writeId of forget)
                    this.#bytes.remove(writeId);
            if (usage !== undefined && (usage.count !== 0 || usage.bytes !== 0)) {
                this.#usage.put(version, [usage.count, usage.bytes], version);
                this.#unfolded++;
            }
        });
    }
    #if(database, key, version, write) {
        return version === undefined ? database.ifNoExists(key, write) : database.ifVersion(key, version, write);
    }
    #fresh() {
        if (this.#closed)
            throw closedError();
        this.#environment.resetReadTxn();
    }
    async #checkWritable() {
        if (this.#poison !== undefined)
            throw this.#poison;
        if (this.#closed)
            throw closedError();
        await this.#options.beforeCommit?.();
    }
    async #committed(commit) {
        try {
            return await commit;
        }
        catch (error) {
            throw await this.#failed(error);
        }
    }
    /** What a failed commit means. A full disk passes; after anything else no commit can be believed. */
    async #failed(error) {
        const cause = systemErrorOf(await commitErrorOf(error));
        const failure = storageError(cause, 'commit');
        if (failure.code === 'NO_SPACE')
            return failure;
        if (await this.#options.isFull?.().catch(() => false)) {
            return storageError(Object.assign(cause, { code: 'ENOSPC' }), 'commit');
        }
        if (this.#poison === undefined) {
            this.#poison = new StorageError({
                code: 'UNAVAILABLE',
                op: 'commit',
                store: 'local',
                message: `The ledger failed to commit (${cause.message}); nothing is written any more until the disk is mended and the process started again.`,
                cause,
            });
            this.#options.onPoisoned(this.#poison);
        }
        return this.#poison;
    }
}
class JsonTable {
    database;
    #fresh;
    constructor(database, fresh) {
        this.database = database;
        this.#fresh = fresh;
    }
    get(key) {
        this.#fresh();
        const entry = this.database.getEntry(key);
        return entry === undefined ? undefined : { value: entry.value, version: entry.version ?? 0 };
    }
    range(start, end, limit, at) {
        if (at === undefined)
            this.#fresh();
        const options = { start, limit, versions: true, ...(end !== undefined && { end }), ...readAt(at) };
        return Array.from(this.database.getRange(options), ({ key, value, version }) => ({
            key: key.toString(),
            value,
            version: version ?? 0,
        }));
    }
    count() {
        this.#fresh();
        return this.database.getStats().entryCount;
    }
    put(key, value, version) {
        this.database.put(key, value, version);
    }
    remove(key) {
        this.database.remove(key);
    }
}
/** @throws Error that names the entry that cannot be read; what is only of another version says so itself */
function readable(what, key, read) {
    try {
        return read();
    }
    catch (error) {
        if (StorageError.is(error))
            throw error;
        throw new Error(`the ${what} ${shown(key.toString())} is no such: ${String(error)}`);
    }
}
function readAt(at) {
    return at === undefined ? {} : { transaction: at.transaction };
}
/** The smallest key after another is the same with a zero byte behind it. */
function startAfter(key) {
    return key === undefined ? EMPTY : Buffer.from(`${key}\0`);
}
/** Whether a key is one of Holdfast's own, which do not count. */
function isOwn(key) {
    return key.subarray(0, OWN.length).equals(OWN);
}
/** LMDB's keys have a length limit of their own, and an upload id may be anything. */
function uploadKey(uploadId) {
    return uploadId.length <= 600 ? uploadId : `${uploadId.slice(0, 300)}…${uploadId.slice(-300)}`;
}
function closedError() {
    return new StorageError({
        code: 'UNAVAILABLE',
        op: 'open',
        store: 'local',
        message: 'The store is closed.',
        retryable: false,
    });
}
//# sourceMappingURL=ledger.js.map