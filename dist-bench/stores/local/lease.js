import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readFile, rename, rm, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '../../core/errors.js';
import { systemCode } from './files.js';
/** Long enough for any holder, and always the same length: a rewriting never leaves a mixture of two. */
const LEASE_BYTES = 256;
/**
 * The right of one PID space (one boot of one machine, one container) to a storage folder. A plain file, looked
 * at before the ledger is opened: two spaces on one LMDB block each other for seconds or corrupt its reader
 * table. The processes of one space share it, and each rewrites it every second; what another space left is
 * taken over once it has stood still.
 */
export class Lease {
    #path;
    #space;
    #options;
    #beatMs;
    #timer;
    #count = 0;
    #lastBeat = performance.now();
    #lost;
    constructor(path, space, options) {
        this.#path = path;
        this.#space = space;
        this.#options = options;
        this.#beatMs = options.beatMs ?? 1000;
    }
    /**
     * Takes the lease, waiting as long as another's must be watched.
     *
     * @throws StorageError `CONFIG_INVALID` if another PID space is using the folder
     */
    static async acquire(path, space, options = {}) {
        const lease = new Lease(path, space, options);
        await lease.#take();
        lease.#timer = setInterval(() => {
            lease.#beat().catch(() => { });
        }, lease.#beatMs);
        lease.#timer.unref();
        return lease;
    }
    /**
     * Throws if the folder was taken over. Cheap, but after a pause (a stopped process, a blocked event loop) in
     * which another may have come.
     *
     * @throws StorageError `UNAVAILABLE`
     */
    check() {
        if (this.#lost === undefined && performance.now() - this.#lastBeat > 2 * this.#beatMs) {
            this.#judge(parse(readSync(this.#path)));
            this.#lastBeat = performance.now();
        }
        if (this.#lost !== undefined)
            throw this.#lost;
    }
    /** Stops rewriting it. The file goes too if nobody else of this space needs it, so that the next need not wait. */
    async release(last) {
        clearInterval(this.#timer);
        this.#timer = undefined;
        if (last && this.#lost === undefined && this.#isOwn(parse(readSync(this.#path)))) {
            await unlink(this.#path).catch(() => { });
        }
    }
    async #take() {
        const staleMs = this.#options.staleMs ?? 3000;
        let seen;
        let since = performance.now();
        for (;;) {
            const text = await readText(this.#path);
            if (text === undefined) {
                if (await this.#create())
                    return;
                continue;
            }
            const holder = parse(text);
            if (this.#isOwn(holder))
                return this.#write('r+');
            if (seen !== undefined && text !== seen && holder !== undefined)
                throw inUse(holder);
            if (text !== seen) {
                seen = text;
                since = performance.now();
            }
            if (performance.now() - since >= staleMs)
                return this.#takeOver();
            await sleep(Math.min(100, staleMs / 4));
        }
    }
    async #create() {
        try {
            await this.#write('wx');
            return true;
        }
        catch (error) {
            if (systemCode(error) === 'EEXIST')
                return false;
            throw error;
        }
    }
    /** Puts a file of our own in place of the dead one, and looks again: several may have done so at once. */
    async #takeOver() {
        const draft = `${this.#path}.${randomBytes(6).toString('hex')}`;
        const file = await open(draft, 'wx', 0o600);
        try {
            await file.write(this.#text(), 0);
        }
        finally {
            await file.close();
        }
        try {
            await rename(draft, this.#path);
        }
        catch (error) {
            await rm(draft, { force: true });
            throw error;
        }
        await sleep(Math.min(300, this.#beatMs));
        const holder = parse((await readText(this.#path)) ?? '');
        if (holder !== undefined && !this.#isOwn(holder))
            throw inUse(holder);
    }
    async #beat() {
        // Counted from the look on: what happens behind it, another's takeover included, is not known.
        const began = performance.now();
        const text = await readText(this.#path);
        // A folder that was cleared away while somebody beats has none.
        if (text === undefined) {
            await this.#create();
            return;
        }
        this.#judge(parse(text));
        if (this.#lost !== undefined || this.#timer === undefined)
            return;
        await this.#write('r+');
        this.#lastBeat = began;
    }
    #judge(holder) {
        // A beat that was under way and a check may both find it out: it is told once.
        if (this.#lost !== undefined || holder === undefined || this.#isOwn(holder))
            return;
        clearInterval(this.#timer);
        this.#lost = new StorageError({
            code: 'UNAVAILABLE',
            op: 'open',
            store: 'local',
            message: `The storage folder was taken over by ${describe(holder)} while this process stood still; start it again.`,
        });
        this.#options.onLost?.(this.#lost);
    }
    async #write(flags) {
        let file;
        try {
            file = await open(this.#path, flags, 0o600);
        }
        catch (error) {
            if (flags === 'r+' && systemCode(error) === 'ENOENT')
                return;
            throw error;
        }
        try {
            await file.write(this.#text(), 0);
        }
        finally {
            await file.close();
        }
    }
    #text() {
        const { boot, namespace } = this.#space;
        const holder = { boot, namespace, pid: process.pid, beat: ++this.#count };
        return `${JSON.stringify(holder).padEnd(LEASE_BYTES - 1)}\n`;
    }
    #isOwn(holder) {
        return holder?.boot === this.#space.boot && holder.namespace === this.#space.namespace;
    }
}
function parse(text) {
    if (text === undefined)
        return undefined;
    try {
        const { boot, namespace, pid } = JSON.parse(text);
        return typeof boot === 'string' && typeof namespace === 'string' ? { boot, namespace, pid } : undefined;
    }
    catch {
        return undefined;
    }
}
async function readText(path) {
    try {
        return await readFile(path, 'utf8');
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return undefined;
        throw error;
    }
}
function readSync(path) {
    try {
        return readFileSync(path, 'utf8');
    }
    catch {
        return undefined;
    }
}
function describe(holder) {
    return `process ${holder.pid} of another machine or container (boot ${holder.boot}, PID namespace ${holder.namespace})`;
}
function inUse(holder) {
    return new StorageError({
        code: 'CONFIG_INVALID',
        op: 'open',
        store: 'local',
        message: `The storage folder is in use by ${describe(holder)}. One machine or container may use it at a time: give each its own folder, or stop the other.`,
    });
}
//# sourceMappingURL=lease.js.map