import { setTimeout as sleep } from 'node:timers/promises';
import { StorageError } from '../../core/errors.js';
import { sha256Of } from './content.js';
/** How often each comes in a hundred. */
const SHARES = [
    [35, 'create'],
    [20, 'overwrite'],
    [25, 'read'],
    [5, 'stat'],
    [12, 'delete'],
    [3, 'list'],
];
/** So many operations wait for an answer at most; past them the storage is too slow for the rate. */
const MAX_RUNNING = 512;
/** A share of the uploads comes as a stream, in pieces of this size. */
const STREAMED = 0.3;
const PIECE_BYTES = 32 * 1024;
/** People at work with the storage: they write, overwrite, read, list and delete, at a rate, whatever it does. */
export class Workload {
    figures = {
        operations: 0,
        acknowledged: 0,
        failed: 0,
        local: 0,
        longestStallMs: 0,
        longestStallOf: '',
    };
    #options;
    /** Keys that were written and not deleted, each with no mutation under way. */
    #idle = [];
    #running = new Set();
    #created = 0;
    constructor(options) {
        this.#options = options;
    }
    /** Works for so long, or until the signal fires. Operations may still be under way. */
    async run(forMs, signal) {
        const { rate } = this.#options;
        const start = performance.now();
        for (let begun = 0; !signal.aborted;) {
            const elapsed = performance.now() - start;
            if (elapsed >= forMs)
                return;
            const due = Math.floor((elapsed / 1000) * rate) + 1;
            for (; begun < due; begun++)
                if (this.#running.size < MAX_RUNNING)
                    this.#begin();
            const nextAt = start + (begun / rate) * 1000;
            await sleep(Math.max(1, Math.min(nextAt, start + forMs) - performance.now()));
        }
    }
    /** Waits until every operation has its answer. */
    async finish() {
        while (this.#running.size > 0)
            await Promise.all(this.#running);
    }
    #begin() {
        const operation = this.#draw();
        const begun = performance.now();
        this.figures.operations++;
        const running = this.#do(operation).finally(() => {
            this.#running.delete(running);
            const ms = performance.now() - begun;
            if (ms <= this.figures.longestStallMs)
                return;
            this.figures.longestStallMs = ms;
            this.figures.longestStallOf = operation;
        });
        this.#running.add(running);
    }
    #draw() {
        let draw = this.#options.random() * 100;
        for (const [share, operation] of SHARES) {
            draw -= share;
            if (draw < 0)
                return operation !== 'list' && this.#idle.length === 0 ? 'create' : operation;
        }
        return 'create';
    }
    async #do(operation) {
        switch (operation) {
            case 'create':
                return this.#put(`${this.#options.prefix}${this.#folder()}file-${++this.#created}.bin`);
            case 'overwrite':
                return this.#put(this.#takeIdle());
            case 'delete':
                return this.#delete(this.#takeIdle());
            case 'read':
                return this.#read(this.#pickIdle());
            case 'stat':
                return this.#stat(this.#pickIdle());
            case 'list':
                return this.#list();
        }
    }
    async #put(key) {
        const { storage, contents, random } = this.#options;
        const bytes = contents.next();
        const content = { size: bytes.length, sha256: sha256Of(bytes) };
        const streamed = random() < STREAMED;
        await this.#mutate({ type: 'put', key, content }, async () => {
            const result = await storage.uploadFile(streamed ? pieces(bytes) : bytes, key, 'application/octet-stream');
            if (result.provider === 'local')
                this.figures.local++;
        });
        // Also where it failed: whatever it left is read, overwritten and deleted like any other file.
        this.#idle.push(key);
    }
    async #delete(key) {
        const isDone = await this.#mutate({ type: 'delete', key }, async () => {
            await this.#options.storage.deleteFile(key);
        });
        if (!isDone || this.#options.random() < 0.5)
            this.#idle.push(key);
    }
    /** @returns whether it was acknowledged */
    async #mutate(begun, work) {
        const { tell, nextId } = this.#options;
        const id = nextId();
        tell({ ...begun, id });
        try {
            await work();
        }
        catch (error) {
            this.figures.failed++;
            tell({ type: 'refused', id, code: codeOf(error) });
            return false;
        }
        this.figures.acknowledged++;
        tell({ type: 'acknowledged', id });
        return true;
    }
    async #read(key) {
        const { storage, tell, nextId } = this.#options;
        const id = nextId();
        tell({ type: 'read', id, key });
        try {
            const bytes = await storage.downloadFile(key);
            if (bytes === null)
                tell({ type: 'absent', id });
            else
                tell({ type: 'found', id, content: { size: bytes.length, sha256: sha256Of(bytes) } });
        }
        catch (error) {
            tell({ type: 'unread', id, code: codeOf(error) });
        }
    }
    async #stat(key) {
        const { storage, tell, nextId } = this.#options;
        const id = nextId();
        tell({ type: 'read', id, key });
        try {
            const { size, sha256 } = await storage.statFile(key);
            // Where the hash was not recorded, the size alone says too little.
            if (sha256 === undefined)
                tell({ type: 'unread', id, code: 'NO_HASH' });
            else
                tell({ type: 'found', id, content: { size, sha256 } });
        }
        catch (error) {
            if (StorageError.is(error, 'NOT_FOUND'))
                tell({ type: 'absent', id });
            else
                tell({ type: 'unread', id, code: codeOf(error) });
        }
    }
    async #list() {
        const { storage, tell, nextId, prefix } = this.#options;
        const id = nextId();
        tell({ type: 'list', id, prefix });
        const files = [];
        let complete = true;
        try {
            for await (const page of storage.list({ prefix }).pages()) {
                for (const { key, size } of page.files)
                    files.push([key, size]);
                complete = page.complete;
            }
            tell({ type: 'listed', id, files, complete });
        }
        catch {
            // A listing that broke off claims nothing.
            tell({ type: 'listed', id, files, complete: false });
        }
    }
    #folder() {
        const { random } = this.#options;
        return random() < 0.5 ? '' : `room ${Math.floor(random() * 8)}/`;
    }
    #pickIdle() {
        return this.#idle[Math.floor(this.#options.random() * this.#idle.length)];
    }
    #takeIdle() {
        const at = Math.floor(this.#options.random() * this.#idle.length);
        const key = this.#idle[at];
        const last = this.#idle.pop();
        if (at < this.#idle.length)
            this.#idle[at] = last;
        return key;
    }
}
async function* pieces(bytes) {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
        yield bytes.subarray(at, at + PIECE_BYTES);
}
function codeOf(error) {
    return StorageError.is(error) ? error.code : error instanceof Error ? error.name : 'UNKNOWN';
}
//# sourceMappingURL=workload.js.map