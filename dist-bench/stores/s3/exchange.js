import { AnswerHeaders } from './answer-headers.js';
import { DeadlineWatch } from './deadline-watch.js';
import { TransportError, translate } from './transport-error.js';
/** Bodies from this size on are sent in slices, so that a stalled connection shows. */
const SLICE_BYTES = 128 * 1024;
/** Pieces of an answer that wait for their reader. */
const BUFFERED_BYTES = 512 * 1024;
/** What is left of an answer is read to its end, for the connection's sake, if it is no more than this. */
const DRAIN_BYTES = 64 * 1024;
/** The longest error document that is kept. */
const MAX_ERROR_BYTES = 64 * 1024;
const NO_BYTES = Buffer.alloc(0);
/**
 * One request and its answer: a handler for undici's `dispatch` (the methods that begin with `on`), and the
 * reader's side of the body.
 */
export class Exchange {
    answer;
    #request;
    #streamed;
    #watch;
    #sender;
    #resolve = ignore;
    #reject = ignore;
    #abort;
    #resume;
    #failure;
    /** Every byte of the request was given to the socket. */
    #sent = false;
    #status = 0;
    #headers;
    /** The head of a streamed answer was handed out: from then on its reader gets every failure. */
    #opened = false;
    #pieces = [];
    #buffered = 0;
    #received = 0;
    #paused = false;
    #wake;
    /** Where {@link rest} gathers, and how much of it is filled. */
    #target;
    #filled = 0;
    #discarding = false;
    /** @param streamed whether the body of a success is left to be read */
    constructor(request, deadlines, streamed) {
        this.#request = request;
        this.#streamed = streamed;
        this.answer = new Promise((resolve, reject) => {
            this.#resolve = resolve;
            this.#reject = reject;
        });
        this.#watch = new DeadlineWatch(this, request, deadlines);
        request.signal?.addEventListener('abort', this);
    }
    /** Whether it was given up, perhaps before it was sent. */
    get ended() {
        return this.#watch.phase === 'ended';
    }
    send(sender) {
        this.#sender = sender;
        const { method, path, headers, body } = this.#request;
        const sliced = body !== undefined && body.length > SLICE_BYTES;
        if (sliced)
            headers.push('content-length', String(body.length));
        sender.dispatch({
            method,
            path,
            headers,
            body: sliced ? slices(body) : (body ?? null),
            // Without this, undici closes the connection after every HEAD.
            reset: false,
            idempotent: true,
        }, this);
    }
    /** The signal's abort event. */
    handleEvent() {
        this.#fail('aborted', 'The request was aborted.');
    }
    timedOut(message) {
        this.#fail('timeout', message);
    }
    onConnect(abort) {
        // Thrown here, it drops the request and leaves the connection as it is.
        if (this.#failure !== undefined)
            throw this.#failure;
        this.#abort = abort;
        this.#watch.enter('sending');
    }
    onBodySent() {
        this.#watch.took();
    }
    onRequestSent() {
        this.#sent = true;
        if (this.#watch.phase === 'sending')
            this.#watch.enter('waiting');
    }
    onHeaders(status, raw, resume) {
        if (status < 200)
            return true;
        this.#status = status;
        this.#headers = new AnswerHeaders(raw);
        this.#resume = resume;
        if (this.#streamed && (status === 200 || status === 206)) {
            this.#opened = true;
            this.#watch.enter('reading');
            this.#release();
            this.#resolve({ status, headers: this.#headers, body: this });
        }
        else
            this.#watch.enter('receiving');
        return true;
    }
    onData(chunk) {
        this.#received += chunk.length;
        this.#watch.came(chunk.length);
        if (this.#discarding)
            return true;
        if (this.#opened)
            return this.#keep(chunk);
        const error = this.#status >= 300;
        if (this.#received > (error ? MAX_ERROR_BYTES : this.#request.maxAnswerBytes)) {
            if (error)
                this.#endEarly();
            else
                this.#fail('protocol', `The answer is longer than ${this.#request.maxAnswerBytes} bytes.`);
            return true;
        }
        this.#pieces.push(chunk);
        return true;
    }
    onComplete() {
        this.#end();
        if (!this.#opened)
            this.#answerWhole();
    }
    onError(error) {
        this.#failWith(translate(error, this.#watch.phase === 'queued', this.#sent));
    }
    async next() {
        for (;;) {
            const piece = this.#pieces.shift();
            if (piece !== undefined) {
                this.#buffered -= piece.length;
                if (this.#paused && this.#buffered === 0)
                    this.#unpause();
                return piece;
            }
            if (this.#failure !== undefined)
                throw this.#failure;
            if (this.ended)
                return undefined;
            await this.#change();
        }
    }
    async rest(size) {
        if (this.#failure !== undefined)
            throw this.#failure;
        if (this.ended && this.#pieces.length <= 1)
            return this.#pieces.shift() ?? NO_BYTES;
        this.#target = Buffer.allocUnsafe(size);
        for (const piece of this.#pieces.splice(0))
            this.#fill(piece);
        if (this.#paused)
            this.#unpause();
        while (!this.ended)
            await this.#change();
        if (this.#failure !== undefined)
            throw this.#failure;
        return this.#target.subarray(0, this.#filled);
    }
    discard() {
        this.#pieces.length = 0;
        if (this.ended)
            return;
        this.#discarding = true;
        const length = this.#headers?.contentLength() ?? Number.POSITIVE_INFINITY;
        if (length - this.#received > DRAIN_BYTES)
            this.#fail('aborted', 'The rest of the body was given up.');
        else if (this.#paused)
            this.#unpause();
    }
    /** Holds a piece for the reader. @returns false to stop the server for now */
    #keep(chunk) {
        if (this.#target !== undefined)
            this.#fill(chunk);
        else {
            this.#pieces.push(chunk);
            this.#buffered += chunk.length;
            if (this.#buffered >= BUFFERED_BYTES) {
                this.#paused = true;
                this.#watch.pause(true);
            }
        }
        this.#notify();
        return !this.#paused;
    }
    #fill(chunk) {
        const target = this.#target;
        if (this.#filled + chunk.length > target.length) {
            this.#fail('protocol', `The body is longer than the ${target.length} bytes announced.`);
            return;
        }
        target.set(chunk, this.#filled);
        this.#filled += chunk.length;
    }
    #unpause() {
        this.#paused = false;
        this.#watch.pause(false);
        this.#resume?.();
    }
    #change() {
        return new Promise(resolve => {
            this.#wake = resolve;
        });
    }
    #notify() {
        const wake = this.#wake;
        this.#wake = undefined;
        wake?.();
    }
    #answerWhole() {
        const [only] = this.#pieces;
        const body = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces);
        this.#resolve({ status: this.#status, headers: this.#headers, body });
    }
    /** Takes what came of an overlong error document for the whole of it. */
    #endEarly() {
        this.#end();
        this.#answerWhole();
        this.#abort?.();
    }
    #fail(problem, message) {
        this.#failWith(new TransportError(problem, this.#sent, message));
    }
    #failWith(error) {
        if (this.ended)
            return;
        this.#failure = error;
        this.#end();
        if (!this.#opened)
            this.#reject(error);
        this.#abort?.(error);
    }
    #end() {
        this.#watch.enter('ended');
        this.#request.signal?.removeEventListener('abort', this);
        this.#notify();
        this.#release();
    }
    #release() {
        this.#sender?.release();
        this.#sender = undefined;
    }
}
function ignore() { }
function* slices(body) {
    for (let offset = 0; offset < body.length; offset += SLICE_BYTES) {
        yield body.subarray(offset, offset + SLICE_BYTES);
    }
}
//# sourceMappingURL=exchange.js.map