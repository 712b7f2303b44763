import { constants } from 'node:buffer';
import { spent, tooLarge } from '../../core/body.js';
import { throwIfAborted } from '../../core/errors.js';
import { sameIdentity, systemCode } from './files.js';
import { storageError } from './io-error.js';
import { damaged } from './tree.js';
/** Bytes given out at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Errors that say that no regular file of ours is there. */
export const ABSENT = new Set([
    'ENOENT',
    'ENOTDIR',
    'ELOOP',
    'EISDIR',
    'ENXIO',
    'ENAMETOOLONG',
    'EINVAL',
    'EILSEQ',
]);
/**
 * Opens a file if it is the one that a row describes, judged on the open descriptor: whatever happens to the
 * name afterwards, the bytes are those.
 */
export async function openIdentical(files, path, identity, identityOf) {
    let fd;
    try {
        fd = await files.openToRead(path);
    }
    catch (error) {
        if (ABSENT.has(systemCode(error) ?? ''))
            return { stranger: undefined };
        throw error;
    }
    try {
        const stat = await files.fstat(fd);
        const found = identityOf(stat);
        if (stat.kind === 'file' && sameIdentity(found, identity))
            return { hit: { fd } };
        await files.close(fd);
        return { stranger: { ...found, kind: stat.kind } };
    }
    catch (error) {
        await files.close(fd).catch(() => { });
        throw error;
    }
}
/** The bytes of an open file, or a part of them. */
export class FileBody {
    #parts;
    #state = 'fresh';
    #closing;
    #reading;
    constructor(parts) {
        this.#parts = parts;
    }
    async bytes(maxBytes) {
        const { key, start, length, signal, files, fd, isUnchanged } = this.#parts;
        this.#begin();
        try {
            throwIfAborted(signal, 'get', key);
            if (maxBytes !== undefined && length > maxBytes) {
                throw tooLarge({ key, store: 'local' }, length, maxBytes);
            }
            if (length > constants.MAX_LENGTH)
                throw tooLarge({ key, store: 'local' }, length, constants.MAX_LENGTH);
            // Not from the pool: the buffer is the caller's, and may live long.
            const buffer = Buffer.allocUnsafeSlow(length);
            for (let at = 0; at < length; at += MAX_READ_BYTES) {
                throwIfAborted(signal, 'get', key);
                const part = buffer.subarray(at, at + MAX_READ_BYTES);
                await this.#read(part, start + at);
            }
            if (length > CHUNK_BYTES && !isUnchanged(await files.fstat(fd))) {
                throw damaged('get', key, 'its file was changed while it was read');
            }
            return buffer;
        }
        catch (error) {
            throw storageError(error, 'get', key);
        }
        finally {
            await this.close();
        }
    }
    async *[Symbol.asyncIterator]() {
        const { key, start, length, signal, files, fd, isUnchanged } = this.#parts;
        this.#begin();
        try {
            throwIfAborted(signal, 'get', key);
            let next = length > 0 ? this.#chunk(start, length) : undefined;
            for (let at = 0; next !== undefined;) {
                const chunk = await next;
                throwIfAborted(signal, 'get', key);
                at += chunk.length;
                // The next chunk is read while the caller handles this one.
                next = at < length ? this.#chunk(start + at, length - at) : undefined;
                if (next === undefined && at > CHUNK_BYTES && !isUnchanged(await files.fstat(fd))) {
                    throw damaged('get', key, 'its file was changed while it was read');
                }
                yield chunk;
                if (this.#closing !== undefined)
                    throw spent({ key, store: 'local' });
            }
        }
        catch (error) {
            throw storageError(error, 'get', key);
        }
        finally {
            await this.close();
        }
    }
    close() {
        this.#state = 'done';
        this.#closing ??= this.#close();
        return this.#closing;
    }
    async #close() {
        // A descriptor is not closed under a read: its number may be another file's by then.
        await this.#reading?.catch(() => { });
        await this.#parts.files.close(this.#parts.fd).catch(() => { });
    }
    #begin() {
        if (this.#state !== 'fresh')
            throw spent({ key: this.#parts.key, store: 'local' });
        this.#state = 'reading';
    }
    #chunk(position, left) {
        const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, left));
        const reading = this.#read(chunk, position).then(() => chunk);
        // Whoever awaits it sees the failure; if nobody does any more, nobody needs to.
        reading.catch(() => { });
        return reading;
    }
    #read(buffer, position) {
        const { files, fd, key } = this.#parts;
        const reading = files.read(fd, buffer, buffer.length, position).then(read => {
            if (read < buffer.length)
                throw damaged('get', key, `its file ends at byte ${position + read}`);
        });
        this.#reading = reading;
        return reading;
    }
}
/** Bytes that are in memory already. */
export class BytesBody {
    #key;
    #signal;
    #content;
    constructor(content, key, signal) {
        this.#content = content;
        this.#key = key;
        this.#signal = signal;
    }
    async bytes(maxBytes) {
        const content = this.#take();
        if (maxBytes !== undefined && content.length > maxBytes)
            throw tooLarge({ key: this.#key, store: 'local' }, content.length, maxBytes);
        return content;
    }
    async *[Symbol.asyncIterator]() {
        const content = this.#take();
        if (content.length > 0)
            yield content;
    }
    async close() {
        this.#content = undefined;
    }
    #take() {
        const content = this.#content;
        if (content === undefined)
            throw spent({ key: this.#key, store: 'local' });
        throwIfAborted(this.#signal, 'get', this.#key);
        this.#content = undefined;
        return content;
    }
}
/** One read call's limit on Linux is 2 GiB less a page. */
const MAX_READ_BYTES = 1024 * 1024 * 1024;
//# sourceMappingURL=reading.js.map