import { open } from 'node:fs/promises';
import { isReadable, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { abortError, StorageError, shown, throwIfAborted } from './errors.js';
/**
 * Makes content readable.
 *
 * @throws StorageError `INVALID_ARGUMENT` if it is of no accepted type, names no regular file, or has another
 *   size than declared; `TOO_LARGE` if it has more than `maxBytes`
 */
export async function openSource(content, options = {}) {
    checkLimit(options.size, 'size');
    checkLimit(options.maxBytes, 'maxBytes');
    if (options.onProgress !== undefined && typeof options.onProgress !== 'function') {
        throw invalid(`Invalid onProgress ${shown(options.onProgress)}; accepted: a function.`);
    }
    throwIfAborted(options.signal, 'put');
    if (content instanceof Uint8Array) {
        return new BytesSource(Buffer.from(content.buffer, content.byteOffset, content.byteLength), options);
    }
    if (content instanceof ArrayBuffer)
        return new BytesSource(Buffer.from(content), options);
    if (content instanceof Blob)
        return new BlobSource(content, options);
    if (content instanceof URL)
        return openFile(urlPath(content), options);
    if (typeof content === 'object' && content !== null) {
        if (content instanceof Readable || content instanceof ReadableStream || Symbol.asyncIterator in content) {
            return new StreamSource(content, options);
        }
        if ('path' in content && typeof content.path === 'string')
            return openFile(content.path, options);
    }
    const hint = typeof content === 'string'
        ? ' A string could be text or a path: give Buffer.from(text) or { path }.'
        : '';
    throw invalid(`Invalid content ${shown(content)}; accepted: a Uint8Array, ArrayBuffer, Blob, stream, async iterable of bytes, file: URL or { path }.${hint}`);
}
/** A source of bytes that are kept somewhere; closing it closes them. */
export function sourceOf(given, options = {}) {
    return new GivenSource(given, options);
}
/** The source's bytes from `offset` on, in pieces of `length` (the last may be shorter), each released once used. */
export async function* readChunks(source, length, offset = 0) {
    for (;;) {
        const chunk = await source.read(offset, length);
        if (chunk.length === 0)
            return;
        yield chunk;
        offset += chunk.length;
        source.release(offset);
        if (chunk.length < length)
            return;
    }
}
/** Tells the caller how far the content has come; an error thrown by the callback ends the upload. */
function tellProgress({ onProgress }, sentBytes, totalBytes) {
    if (onProgress === undefined)
        return;
    try {
        onProgress(totalBytes === undefined ? { sentBytes } : { sentBytes, totalBytes });
    }
    catch (cause) {
        throw aborted('The onProgress callback threw', cause);
    }
}
/** Checks a known size against what was declared and allowed. */
function checkSize(size, options) {
    if (options.size !== undefined && size !== options.size)
        throw wrongSize(size, options.size);
    if (options.maxBytes !== undefined && size > options.maxBytes)
        throw tooLarge(options.maxBytes);
}
class KnownSource {
    size;
    replayable = true;
    #options;
    constructor(size, options) {
        checkSize(size, options);
        this.size = size;
        this.#options = options;
    }
    async read(offset, length) {
        throwIfAborted(this.#options.signal, 'put');
        const end = Math.min(offset + length, this.size);
        if (offset >= end)
            return Buffer.alloc(0);
        try {
            return await this.slice(offset, end);
        }
        catch (error) {
            // The disk that fails here is the content's, not the store's.
            throw StorageError.is(error) ? error : aborted('The content cannot be read', error);
        }
    }
    release(offset) {
        tellProgress(this.#options, offset, this.size);
    }
    async close() { }
}
class BytesSource extends KnownSource {
    #bytes;
    constructor(bytes, options) {
        super(bytes.length, options);
        this.#bytes = bytes;
    }
    slice(start, end) {
        return start === 0 && end === this.size ? this.#bytes : this.#bytes.subarray(start, end);
    }
}
class GivenSource extends KnownSource {
    #given;
    constructor(given, options) {
        super(given.size, options);
        this.#given = given;
    }
    slice(start, end) {
        return this.#given.read(start, end - start);
    }
    close() {
        return this.#given.close();
    }
}
class BlobSource extends KnownSource {
    #blob;
    constructor(blob, options) {
        super(blob.size, options);
        this.#blob = blob;
    }
    async slice(start, end) {
        const bytes = await this.#blob.slice(start, end).arrayBuffer();
        if (bytes.byteLength !== end - start)
            throw wrongSize(start + bytes.byteLength, this.size);
        return Buffer.from(bytes);
    }
}
class FileSource extends KnownSource {
    #file;
    #closed;
    constructor(file, size, options) {
        super(size, options);
        this.#file = file;
    }
    async slice(start, end) {
        const buffer = Buffer.allocUnsafe(end - start);
        let filled = 0;
        while (filled < buffer.length) {
            const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, start + filled);
            // The file was cut while it was being read.
            if (bytesRead === 0)
                throw wrongSize(start + filled, this.size);
            filled += bytesRead;
        }
        return buffer;
    }
    close() {
        this.#closed ??= this.#file.close();
        return this.#closed;
    }
}
async function openFile(path, options) {
    let file;
    try {
        file = await open(path, 'r');
    }
    catch (cause) {
        const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
        throw invalid(`The content's file ${shown(path)} cannot be opened: ${code}.`, cause);
    }
    try {
        const stat = await file.stat();
        if (stat.isFile())
            return new FileSource(file, stat.size, options);
        if (stat.isDirectory())
            throw invalid(`The content ${shown(path)} is a folder, and a file is accepted.`);
        // A pipe or device has no size and no offsets: it is a stream.
        return new StreamSource(file.createReadStream(), options);
    }
    catch (error) {
        await file.close();
        throw error;
    }
}
/** Smaller pieces are gathered into blocks of this size, so that one-byte writes do not cost a buffer each. */
const BLOCK_BYTES = 64 * 1024;
/** Once this much of a larger read is there, the rest is copied to its place as it comes: nothing is held twice. */
const LEAST_WHOLE_BYTES = 1024 * 1024;
/** Not so for reads of everything, however long, which are gathered at the end. */
const MOST_WHOLE_BYTES = 64 * 1024 * 1024;
/** A one-shot stream, remembered from the lowest offset that was not released. */
class StreamSource {
    size;
    #options;
    #content;
    #next;
    #stop;
    #chunks = [];
    /** Offset of the first remembered byte, and of the first that has not arrived. */
    #low = 0;
    #high = 0;
    /** The block that small pieces are copied into; it is the last chunk while it has room. */
    #block;
    #blockUsed = 0;
    #ended = false;
    #failure;
    #pulling;
    constructor(content, options) {
        if (options.size !== undefined && options.maxBytes !== undefined && options.size > options.maxBytes) {
            throw tooLarge(options.maxBytes);
        }
        refuseSpent(content);
        this.size = options.size;
        this.#options = options;
        this.#content = content;
        if (content instanceof Readable) {
            // Heard from now on: before the first read nobody else listens, and Node ends the process for an error that
            // nobody hears. Whoever reads gets it all the same.
            content.on('error', () => { });
        }
        if (content instanceof ReadableStream) {
            const reader = content.getReader();
            this.#next = () => reader.read();
            this.#stop = () => reader.cancel();
        }
        else {
            const iterator = content[Symbol.asyncIterator]();
            this.#next = () => iterator.next();
            // Not awaited: a generator answers return() only after the next() it may be stuck in.
            this.#stop = async () => {
                iterator.return?.().catch(() => { });
            };
        }
    }
    async read(offset, length) {
        if (offset < this.#low) {
            throw new StorageError({
                code: 'INTERNAL',
                op: 'put',
                message: `The content's bytes from ${offset} on were already released (up to ${this.#low}).`,
            });
        }
        // The end is seen before the last declared byte is handed out, so that content of another length is never taken.
        const target = this.size !== undefined && offset + length >= this.size ? this.size + 1 : offset + length;
        const wanted = this.size === undefined ? length : Math.min(length, this.size - offset);
        let whole = wanted <= LEAST_WHOLE_BYTES || wanted > MOST_WHOLE_BYTES;
        while (this.#high < target && !this.#ended) {
            if (this.#failure !== undefined)
                throw this.#failure;
            if (!whole && this.#high - offset >= LEAST_WHOLE_BYTES) {
                whole = true;
                this.#makeWhole(offset, wanted);
            }
            this.#pulling ??= this.#pull().finally(() => {
                this.#pulling = undefined;
            });
            await this.#pulling;
        }
        if (this.#failure !== undefined)
            throw this.#failure;
        throwIfAborted(this.#options.signal, 'put');
        return this.#gather(offset, Math.min(offset + length, this.#high));
    }
    release(offset) {
        let first = this.#chunks[0];
        while (first !== undefined && this.#low + first.length <= offset) {
            this.#low += first.length;
            this.#chunks.shift();
            first = this.#chunks[0];
        }
        if (first !== undefined && this.#low < offset) {
            this.#chunks[0] = first.subarray(offset - this.#low);
            this.#low = offset;
        }
        tellProgress(this.#options, offset, this.size);
    }
    async close() {
        if (this.#content instanceof Readable) {
            this.#content.destroy();
        }
        else if (!this.#ended) {
            await this.#stop().catch(() => { });
        }
        this.#failure ??= new StorageError({ code: 'ABORTED', op: 'put', message: 'The content was closed.' });
        this.#chunks.length = 0;
    }
    async #pull() {
        try {
            const result = await this.#nextOrAbort();
            if (result.done === true) {
                if (this.size !== undefined && this.#high !== this.size)
                    throw wrongSize(this.#high, this.size);
                this.#ended = true;
            }
            else {
                this.#add(result.value);
            }
        }
        catch (error) {
            this.#failure ??= StorageError.is(error) ? error : aborted("The content's stream failed", error);
        }
    }
    /** The next piece, or the signal's error: a stalled stream does not hold up an abort. */
    #nextOrAbort() {
        const signal = this.#options.signal;
        if (signal === undefined)
            return this.#next();
        return new Promise((resolve, reject) => {
            const onAbort = () => reject(abortError(signal, 'put'));
            if (signal.aborted)
                return onAbort();
            signal.addEventListener('abort', onAbort, { once: true });
            this.#next()
                .then(resolve, reject)
                .finally(() => signal.removeEventListener('abort', onAbort));
        });
    }
    #add(value) {
        if (!(value instanceof Uint8Array)) {
            throw invalid(`The content's stream yields ${shown(value)}; accepted: Uint8Array (no encoding set, no object mode).`);
        }
        if (value.length === 0)
            return;
        this.#high += value.length;
        if (this.size !== undefined && this.#high > this.size)
            throw wrongSize(this.#high, this.size);
        const { maxBytes } = this.#options;
        if (maxBytes !== undefined && this.#high > maxBytes)
            throw tooLarge(maxBytes);
        const inBlock = this.#block !== undefined && this.#chunks.length > 0;
        const room = inBlock ? this.#block.length - this.#blockUsed : 0;
        if (room > 0)
            this.#append(value.subarray(0, room));
        const rest = value.subarray(room);
        if (rest.length === 0)
            return;
        if (rest.length >= BLOCK_BYTES / 4) {
            this.#block = undefined;
            this.#chunks.push(Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength));
        }
        else {
            this.#begin(Buffer.allocUnsafeSlow(BLOCK_BYTES));
            this.#append(rest);
        }
    }
    /** Makes a block the one that pieces are copied into. */
    #begin(block) {
        this.#block = block;
        this.#blockUsed = 0;
        this.#chunks.push(block.subarray(0, 0));
    }
    /** Copies a piece behind the last chunk, which lies in the block and grows by it. */
    #append(piece) {
        const block = this.#block;
        const last = this.#chunks[this.#chunks.length - 1];
        const start = this.#blockUsed - last.length;
        block.set(piece, this.#blockUsed);
        this.#blockUsed += piece.length;
        this.#chunks[this.#chunks.length - 1] = block.subarray(start, this.#blockUsed);
    }
    /** Moves what is there of a large read into a block that holds all of it: the rest comes to lie behind it. */
    #makeWhole(offset, length) {
        let kept = 0;
        let at = this.#low;
        for (let chunk = this.#chunks[0]; chunk !== undefined && at + chunk.length <= offset;) {
            at += chunk.length;
            chunk = this.#chunks[++kept];
        }
        const moved = this.#chunks.splice(kept);
        const before = offset - at;
        if (before > 0 && moved[0] !== undefined) {
            this.#chunks.push(moved[0].subarray(0, before));
            moved[0] = moved[0].subarray(before);
        }
        this.#begin(Buffer.allocUnsafeSlow(length));
        for (const chunk of moved)
            this.#append(chunk);
    }
    /** The bytes in one buffer, which is also what is remembered of them from now on: they are not held twice. */
    #gather(start, end) {
        if (start >= end)
            return Buffer.alloc(0);
        const lengthOf = (index) => this.#chunks[index].length;
        let first = 0;
        let offset = this.#low;
        while (offset + lengthOf(first) <= start)
            offset += lengthOf(first++);
        let next = first;
        let reach = offset;
        while (reach < end)
            reach += lengthOf(next++);
        const before = start - offset;
        const after = reach - end;
        const taken = this.#chunks.slice(first, next);
        const head = taken[0];
        if (taken.length === 1) {
            return before + after === 0 ? head : head.subarray(before, head.length - after);
        }
        const tail = taken[taken.length - 1];
        taken[0] = head.subarray(before);
        taken[taken.length - 1] = tail.subarray(0, tail.length - after);
        const whole = Buffer.concat(taken, end - start);
        const kept = [head.subarray(0, before), whole, tail.subarray(tail.length - after)];
        this.#chunks.splice(first, taken.length, ...kept.filter(chunk => chunk.length > 0));
        // Small pieces go on in a block of their own: the last one may be part of what was gathered.
        this.#block = undefined;
        return whole;
    }
}
/** Refuses a stream that somebody has read to its end: what is left of it would be stored as an empty object. */
function refuseSpent(content) {
    if (content instanceof ReadableStream) {
        if (content.locked)
            throw invalid('The content is a stream that is locked to another reader.');
        // Node answers for web streams too; its types do not say so.
        const stream = content;
        if (!Readable.isDisturbed(stream) || isReadable(stream))
            return;
    }
    else if (!(content instanceof Readable) || !content.readableEnded)
        return;
    throw invalid('The content is a stream that has been read to its end already; a stream is read once.');
}
function urlPath(url) {
    if (url.protocol !== 'file:')
        throw invalid(`Invalid content URL of protocol ${shown(url.protocol)}; accepted: "file:".`);
    return fileURLToPath(url);
}
function checkLimit(value, name) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0))
        return;
    throw invalid(`Invalid ${name} ${shown(value)}; accepted: a whole number of bytes from 0 up.`);
}
function wrongSize(got, declared) {
    const how = got < declared ? `ended after ${got} bytes` : `has at least ${got} bytes`;
    return invalid(`The content ${how}, and ${declared} were declared.`);
}
function tooLarge(maxBytes) {
    return new StorageError({
        code: 'TOO_LARGE',
        op: 'put',
        message: `The content has more than the ${maxBytes} bytes allowed.`,
    });
}
function aborted(what, cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new StorageError({ code: 'ABORTED', op: 'put', message: `${what}: ${why}`, cause });
}
function invalid(message, cause) {
    return new StorageError({ code: 'INVALID_ARGUMENT', op: 'put', message, cause });
}
//# sourceMappingURL=source.js.map