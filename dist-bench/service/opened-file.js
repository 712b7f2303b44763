import { Readable } from 'node:stream';
import { checkMaxBytes, checkOptions } from './arguments.js';
/** An object of a store as users hold it. */
export class StoredFile {
    stat;
    range;
    encoding;
    #body;
    constructor({ stat, range, encoding, body }) {
        this.stat = stat;
        if (encoding !== undefined)
            this.encoding = encoding;
        if (range !== undefined)
            this.range = range;
        this.#body = body;
    }
    /** Unlike a generator's own, its `return` gives the body up also where nothing was read yet. */
    [Symbol.asyncIterator]() {
        const body = this.#body;
        const iterator = body[Symbol.asyncIterator]();
        return {
            next: () => iterator.next(),
            return: async () => {
                await body.close();
                return { done: true, value: undefined };
            },
        };
    }
    async bytes(options = {}) {
        checkOptions('get', options);
        checkMaxBytes('get', options.maxBytes);
        return this.#body.bytes(options.maxBytes);
    }
    nodeStream() {
        return Readable.from(this, { objectMode: false, highWaterMark: 256 * 1024 });
    }
    stream() {
        const body = this.#body;
        const iterator = body[Symbol.asyncIterator]();
        return new ReadableStream({
            async pull(controller) {
                const { done, value } = await iterator.next();
                if (done === true)
                    controller.close();
                else
                    controller.enqueue(value);
            },
            cancel: () => body.close(),
        }, { highWaterMark: 0 });
    }
    close() {
        return this.#body.close();
    }
    [Symbol.asyncDispose]() {
        return this.close();
    }
}
//# sourceMappingURL=opened-file.js.map