import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { encodeEnd, PIECE_BYTES, piecesOf } from './cache-file.js';
import { COPY } from './cache-space.js';
import { SMALL_BYTES } from './read-cache.js';
/** When so many bytes wait for the disk, the reader is asked to wait; at twice as many the fill ends. */
const LAG_BYTES = 8 * 1024 * 1024;
/** A disk that does not take those in this time is too slow. Milliseconds. */
const PATIENCE_MS = 200;
/** A copy that is being written, of bytes that are on their way to their reader, who hardly waits for the disk. */
export class DiskFill {
    #options;
    /** Resolves when nothing of it is open any more. */
    ended;
    #resolve = () => { };
    #stat;
    #checks = new Uint32Array(0);
    #piece;
    #filled = 0;
    #taken = 0;
    #written = 0;
    #writing = Promise.resolve();
    /** All bytes, where they are few: they are written with what follows them. */
    #small;
    #over = false;
    #abandoned = false;
    constructor(options) {
        this.#options = options;
        this.ended = new Promise(resolve => {
            this.#resolve = resolve;
        });
    }
    accept(stat) {
        if (!this.#options.reserve(stat.size)) {
            this.abandon();
            return false;
        }
        this.#stat = stat;
        this.#checks = new Uint32Array(piecesOf(stat.size));
        return true;
    }
    add(chunk) {
        const size = this.#stat?.size;
        if (this.#over || size === undefined)
            return undefined;
        if (this.#taken + chunk.length > size || this.#taken - this.#written > 2 * LAG_BYTES) {
            this.abandon();
            return undefined;
        }
        for (let at = 0; at < chunk.length;) {
            this.#piece ??= Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size - this.#taken));
            const copied = chunk.copy(this.#piece, this.#filled, at);
            at += copied;
            this.#filled += copied;
            this.#taken += copied;
            if (this.#filled === this.#piece.length)
                this.#write(this.#piece);
        }
        return this.#taken - this.#written > LAG_BYTES ? this.#caughtUp() : undefined;
    }
    async finish() {
        const stat = this.#stat;
        if (this.#over)
            return this.ended;
        if (stat === undefined || this.#taken !== stat.size) {
            this.abandon();
            return this.ended;
        }
        this.#over = true;
        const { files, fd, path, folder, target } = this.#options;
        let open = true;
        try {
            await this.#writing;
            const end = encodeEnd({ target, stat, checks: this.#checks });
            if (this.#small === undefined)
                await files.write(fd, end, stat.size);
            else
                await files.write(fd, Buffer.concat([this.#small, end]), 0);
            open = false;
            await files.close(fd);
            // Fails if the key was forgotten since the file was made.
            await files.rename(path, join(folder, COPY));
        }
        catch {
            await this.#remove(open);
            return this.#end(false);
        }
        this.#end(true);
    }
    abandon() {
        if (this.#over)
            return;
        this.#over = true;
        this.#abandoned = true;
        this.#piece = undefined;
        void this.#writing
            .catch(() => { })
            .then(() => this.#remove(true))
            .then(() => this.#end(false));
    }
    /** Resolves when the disk has taken what waits for it; soon in any case. */
    #caughtUp() {
        return new Promise(resolve => {
            const timer = setTimeout(() => {
                this.abandon();
                resolve();
            }, PATIENCE_MS);
            const done = () => {
                clearTimeout(timer);
                resolve();
            };
            this.#writing.then(done, done);
        });
    }
    #write(piece) {
        const { files, fd } = this.#options;
        const start = this.#taken - piece.length;
        this.#checks[start / PIECE_BYTES] = crc32(piece);
        this.#piece = undefined;
        this.#filled = 0;
        if (this.#stat !== undefined && this.#stat.size <= SMALL_BYTES) {
            this.#small = piece;
            return;
        }
        this.#writing = this.#writing
            .then(() => (this.#abandoned ? undefined : files.write(fd, piece, start)))
            .then(() => {
            this.#written = start + piece.length;
        });
        // A disk that fails ends the fill, and nothing else.
        this.#writing.catch(() => this.abandon());
    }
    async #remove(open) {
        const { files, fd, path, folder } = this.#options;
        if (open)
            await files.close(fd).catch(() => { });
        await files.unlink(path).catch(() => { });
        // Stays where there is a copy, or another fill.
        await files.rmdir(folder).catch(() => { });
    }
    #end(there) {
        this.#options.onEnd(this.#stat?.size, there);
        this.#resolve();
    }
}
//# sourceMappingURL=cache-fill.js.map