import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
/** The name of a copy in the folder of its key; every other file in there is a fill. */
export const COPY = 'copy';
/** What a file and its folder take of the disk beside the bytes, and what bytes are given out by. */
const BLOCK_BYTES = 4096;
/** Above this part of the bound copies are given up, down to the lower part. */
const HIGH = 0.9;
const LOW = 0.8;
/** After this part of the bound was added, others may have added as much: all is counted anew. */
const RECOUNT = 0.05;
/** Folders looked into at once. */
const TOGETHER = 64;
/** What a file of this size takes of the disk, with the folder around it. */
function costOf(size) {
    return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES + BLOCK_BYTES;
}
/** Keeps the copies within their bound: counted now and then, and in between by what this process adds and removes. */
export class CacheSpace {
    #folder;
    #maxBytes;
    #isDead;
    #signal;
    #files = 0;
    #bytes = 0;
    /** For fills on their way. */
    #reserved = 0;
    #added = 0;
    #working = Promise.resolve();
    #trimming;
    /** @param signal breaks off what takes long */
    constructor(folder, maxBytes, isDead, signal) {
        this.#signal = signal;
        this.#folder = folder;
        this.#maxBytes = maxBytes;
        this.#isDead = isDead;
    }
    get files() {
        return this.#files;
    }
    /** Of the disk. */
    get bytes() {
        return this.#bytes;
    }
    /** Sets room aside for a file of this size. @returns whether there is any; then {@link filled} is to follow */
    reserve(size) {
        const cost = costOf(size);
        if (this.#bytes + this.#reserved + cost > this.#maxBytes)
            return false;
        this.#reserved += cost;
        return true;
    }
    /** A file that room was set aside for has come to be, or not. @returns whether it is time to {@link trim} */
    filled(size, there) {
        const cost = costOf(size);
        this.#reserved -= cost;
        if (!there)
            return false;
        this.#files++;
        this.#bytes += cost;
        this.#added += cost;
        return this.#bytes > this.#maxBytes * HIGH || this.#added > this.#maxBytes * RECOUNT;
    }
    /** A file of this size is gone. */
    removed(size) {
        this.#files = Math.max(0, this.#files - 1);
        this.#bytes = Math.max(0, this.#bytes - costOf(size));
    }
    /** Counts anew, and gives up what was not used for the longest time where there is too much. */
    trim() {
        this.#trimming ??= this.#alone(async () => {
            const found = await this.#count();
            if (this.#bytes > this.#maxBytes * HIGH)
                await this.#giveUp(found, this.#bytes - this.#maxBytes * LOW);
        }).finally(() => {
            this.#trimming = undefined;
        });
        return this.#trimming;
    }
    /** Gives up at least so many bytes, as far as there are any. @returns how many */
    shrink(bytes) {
        return this.#alone(async () => this.#giveUp(await this.#count(), bytes));
    }
    #alone(work) {
        const done = this.#working.then(work, work);
        this.#working = done.catch(() => { });
        return done;
    }
    async #giveUp(found, bytes) {
        let freed = 0;
        for (const { folder, bytes: cost } of found.sort((a, b) => a.usedAt - b.usedAt)) {
            if (freed >= bytes)
                break;
            try {
                await unlink(join(folder, COPY));
                await rmdir(folder);
            }
            catch {
                // Forgotten meanwhile, or being filled again.
                continue;
            }
            freed += cost;
            this.#files--;
            this.#bytes -= cost;
        }
        return freed;
    }
    /** Looks at every copy, and removes what dead processes were filling. */
    async #count() {
        this.#added = 0;
        const found = [];
        for (const shard of await namesIn(this.#folder)) {
            if (this.#signal.aborted)
                return [];
            if (shard.length !== 2)
                continue;
            const folders = await namesIn(join(this.#folder, shard));
            for (let at = 0; at < folders.length; at += TOGETHER) {
                const some = folders.slice(at, at + TOGETHER);
                const copies = await Promise.all(some.map(name => this.#lookInto(join(this.#folder, shard, name))));
                for (const copy of copies)
                    if (copy !== undefined)
                        found.push(copy);
            }
        }
        this.#files = found.length;
        // What was added while it was counted may have been seen, or not.
        this.#bytes = found.reduce((sum, { bytes }) => sum + bytes, 0) + this.#added;
        return found;
    }
    async #lookInto(folder) {
        const names = await namesIn(folder);
        for (const name of names) {
            if (name !== COPY && this.#isDead(name.slice(0, name.indexOf('~')))) {
                await unlink(join(folder, name)).catch(() => { });
            }
        }
        if (!names.includes(COPY)) {
            await rmdir(folder).catch(() => { });
            return undefined;
        }
        try {
            const { size, atimeMs, mtimeMs } = await lstat(join(folder, COPY));
            return { folder, bytes: costOf(size), usedAt: Math.max(atimeMs, mtimeMs) };
        }
        catch {
            return undefined;
        }
    }
}
async function namesIn(folder) {
    return readdir(folder).catch(() => []);
}
//# sourceMappingURL=cache-space.js.map