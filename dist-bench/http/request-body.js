import { StorageError } from '../core/errors.js';
import { sendContinue } from './expectation.js';
/**
 * A request's body as content to store. It differs from the request itself, which is an async iterable too, in what a
 * server needs: giving it up leaves the connection alone, so that an answer can still be sent; `100 Continue` goes out
 * when the first byte is wanted and not before; and a client that stops sending is given up after a while, however
 * long the upload takes as a whole.
 */
export class RequestBody {
    #request;
    #response;
    #idleTimeoutMs;
    #traffic;
    #timer;
    #wake;
    #timedOut = false;
    #givenUp = false;
    constructor(request, response, idleTimeoutMs, traffic) {
        this.#request = request;
        this.#response = response;
        this.#idleTimeoutMs = idleTimeoutMs;
        this.#traffic = traffic;
        request.on('readable', this.#onEvent).on('end', this.#onEvent).on('close', this.#onEvent);
    }
    /** Whether the body was given up because nothing came any more. */
    get timedOut() {
        return this.#timedOut;
    }
    [Symbol.asyncIterator]() {
        return this;
    }
    async next() {
        sendContinue(this.#request, this.#response);
        for (;;) {
            if (this.#givenUp)
                throw aborted('The body was given up.');
            const chunk = this.#request.read();
            if (chunk !== null) {
                this.#traffic.receivedBytes += chunk.length;
                return { done: false, value: chunk };
            }
            if (this.#request.readableEnded)
                return { done: true, value: undefined };
            if (this.#timedOut)
                throw aborted(`The client sent nothing for ${this.#idleTimeoutMs} ms.`);
            if (this.#request.destroyed)
                throw aborted('The client went away before the end of the body.');
            await this.#event();
        }
    }
    /** Stops listening. What is left of the body stays unread. */
    async return() {
        this.#givenUp = true;
        clearTimeout(this.#timer);
        this.#request.off('readable', this.#onEvent).off('end', this.#onEvent).off('close', this.#onEvent);
        this.#onEvent();
        return { done: true, value: undefined };
    }
    #event() {
        // One timer serves the whole body; while nobody waits, it fires for nothing.
        if (this.#timer === undefined)
            this.#timer = setTimeout(this.#onIdle, this.#idleTimeoutMs).unref();
        else
            this.#timer.refresh();
        return new Promise(resolve => {
            this.#wake = resolve;
        });
    }
    #onEvent = () => {
        this.#wake?.();
        this.#wake = undefined;
    };
    #onIdle = () => {
        if (this.#wake === undefined)
            return;
        this.#timedOut = true;
        this.#onEvent();
    };
}
function aborted(message) {
    return new StorageError({ code: 'ABORTED', op: 'http', message });
}
//# sourceMappingURL=request-body.js.map