import { compareUtf8 } from '../core/key.js';
import { droppedFiles, HELD } from './journal.js';
import { removalsOf } from './removals.js';
const OWNER = Buffer.from('owner');
const BEAT = Buffer.from('beat');
const SUSPECTED = Buffer.from('suspected');
const ALL = Buffer.alloc(0);
/** Another process's suspicion is seen after this long at the latest. Milliseconds. */
const SUSPICION_AGE_MS = 250;
/** The journal in the ledger of the storage folder: shared by its processes, durable with each commit. */
export class LedgerJournal {
    #ledger;
    #rows;
    #owner;
    #marks;
    #processes;
    #conflicts;
    #removals;
    #suspectedAt = 0;
    #suspicionReadAt = Number.NEGATIVE_INFINITY;
    constructor(ledger) {
        this.#ledger = ledger;
        this.#rows = ledger.table('journal');
        this.#owner = ledger.table('journal-owner');
        this.#marks = ledger.table('journal-marks');
        this.#processes = ledger.table('journal-processes');
        this.#conflicts = ledger.table('conflicts');
        this.#removals = removalsOf(ledger);
    }
    get(key) {
        const entry = this.#rows.get(Buffer.from(key));
        return entry === undefined ? undefined : rowOf(entry.value, key, entry.version);
    }
    scan({ prefix = '', after, limit }, at) {
        const past = after !== undefined && compareUtf8(after, prefix) >= 0;
        // The smallest key after another is the same with a zero byte behind it.
        const start = past ? Buffer.from(`${after}\0`) : Buffer.from(prefix);
        return this.#rows
            .range(start, endOf(prefix), limit, at)
            .map(({ key, value, version }) => rowOf(value, key, version));
    }
    size() {
        return this.#rows.count();
    }
    async commit(key, seen, next, options = {}) {
        const { epoch, conflict, content, also } = options;
        const dropped = droppedFiles(seen, next, also).filter(file => file !== conflict?.file);
        const name = Buffer.from(key);
        const conditions = [condition(this.#rows, name, seen?.revision)];
        if (epoch !== undefined)
            conditions.push(condition(this.#owner, OWNER, epoch));
        for (const change of also ?? [])
            conditions.push(condition(this.#rows, Buffer.from(change.key), change.seen?.revision));
        const version = await this.#ledger.commit(conditions, version => {
            this.#write(name, next, version);
            for (const change of also ?? [])
                this.#write(Buffer.from(change.key), change.next, version);
            if (conflict !== undefined)
                this.#conflicts.put(Buffer.from(conflict.id), conflict, version);
            for (const file of dropped)
                this.#drop(file, version);
            if (content !== undefined)
                this.#ledger.putBytes(content.file, content.content);
        });
        return version !== undefined;
    }
    #write(name, next, version) {
        if (next === undefined)
            this.#rows.remove(name);
        else
            this.#rows.put(name, next, version);
    }
    /** Lets go of what holds bytes: at once, or as a file to be removed. Within a commit only. */
    #drop(file, version) {
        if (file.startsWith(HELD))
            this.#ledger.removeBytes(file);
        else
            this.#removals.put(Buffer.from(file), 1, version);
    }
    owner() {
        const entry = this.#owner.get(OWNER);
        if (entry === undefined)
            return undefined;
        return { epoch: entry.version, holder: entry.value.holder, beat: this.#marks.get(BEAT)?.version ?? 0 };
    }
    async claim(seen, holder) {
        return this.#ledger.commit([condition(this.#owner, OWNER, seen?.epoch)], version => {
            this.#owner.put(OWNER, { holder }, version);
            this.#marks.put(BEAT, version, version);
        });
    }
    async beat(epoch) {
        const beat = await this.#ledger.commit([condition(this.#owner, OWNER, epoch)], version => this.#marks.put(BEAT, version, version));
        return beat !== undefined;
    }
    async release(epoch) {
        await this.#ledger.commit([condition(this.#owner, OWNER, epoch)], version => this.#owner.put(OWNER, { holder: '' }, version));
    }
    processes() {
        return this.#processes.range(ALL, undefined, 1000).map(entry => entry.key);
    }
    async enter(process) {
        await this.#ledger.commit([], version => this.#processes.put(Buffer.from(process), Date.now(), version));
    }
    async leave(process) {
        await this.#ledger.commit([], () => this.#processes.remove(Buffer.from(process)));
    }
    suspectedAt() {
        const now = performance.now();
        if (now - this.#suspicionReadAt > SUSPICION_AGE_MS) {
            this.#suspicionReadAt = now;
            this.#suspectedAt = this.#marks.get(SUSPECTED)?.value ?? 0;
        }
        return this.#suspectedAt;
    }
    async suspect(signedAt) {
        for (;;) {
            const entry = this.#marks.get(SUSPECTED);
            if (entry !== undefined && entry.value >= signedAt)
                break;
            const done = await this.#ledger.commit([condition(this.#marks, SUSPECTED, entry?.version)], version => this.#marks.put(SUSPECTED, signedAt, version));
            if (done !== undefined)
                break;
        }
        this.#suspicionReadAt = Number.NEGATIVE_INFINITY;
    }
    conflicts() {
        return this.#conflicts.range(ALL, undefined, 100_000).map(entry => entry.value);
    }
    /** Conflicts in the order of their ids, those after one of them. */
    conflictPage(after, limit, at) {
        const start = after === undefined ? ALL : Buffer.from(`${after}\0`);
        return this.#conflicts.range(start, undefined, limit, at).map(entry => entry.value);
    }
    /** One conflict; undefined if it was ended. */
    conflict(id) {
        return this.#conflicts.get(Buffer.from(id))?.value;
    }
    conflictCount() {
        return this.#conflicts.count();
    }
    async addConflict(conflict) {
        await this.#ledger.commit([], version => this.#conflicts.put(Buffer.from(conflict.id), conflict, version));
    }
    async removeConflict(id) {
        const conflict = this.conflict(id);
        await this.#ledger.commit([], version => {
            this.#conflicts.remove(Buffer.from(id));
            if (conflict !== undefined)
                this.#drop(conflict.file, version);
        });
    }
}
/** The content, parsed for this one answer, made a row in place: a scan of a long journal copies nothing. */
function rowOf(content, key, revision) {
    return Object.assign(content, { key, revision });
}
function condition(table, key, version) {
    return { table: table, key, version };
}
/** The bytes that come after every key of the prefix; none of UTF-8's bytes is above 0xf4. */
function endOf(prefix) {
    return prefix === '' ? undefined : Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)]);
}
//# sourceMappingURL=ledger-journal.js.map