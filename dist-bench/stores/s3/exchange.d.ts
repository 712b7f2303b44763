import { AnswerHeaders } from './answer-headers.js';
import { type Watched } from './deadline-watch.js';
import type { Deadlines } from './deadlines.js';
/** One HTTP request, signed. */
export interface WireRequest {
    readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
    /** With the query; percent-encoded. */
    readonly path: string;
    /** Names and values in turn. */
    readonly headers: string[];
    readonly body?: Buffer | undefined;
    readonly signal?: AbortSignal | undefined;
    /** Instead of the configured one. */
    readonly firstByteMs?: number | undefined;
    /** Milliseconds this request may take as a whole; an opened body is not counted. */
    readonly totalMs: number;
    /** The longest answer that is read; more of a success fails, more of an error is dropped. */
    readonly maxAnswerBytes: number;
}
/** A whole answer. */
export interface Answer {
    readonly status: number;
    readonly headers: AnswerHeaders;
    readonly body: Buffer;
}
/** An answer whose body is still arriving. */
export interface OpenAnswer {
    readonly status: number;
    readonly headers: AnswerHeaders;
    readonly body: AnswerBody;
}
/** The body of an {@link OpenAnswer}. A piece that was not asked for waits in a bounded buffer. */
export interface AnswerBody {
    /** The next piece; undefined at the end. @throws TransportError */
    next(): Promise<Buffer | undefined>;
    /** All that was not read, of which `size` bytes are expected; more fails. @throws TransportError */
    rest(size: number): Promise<Buffer>;
    /** Gives up what was not read: little is drained so that the connection can be used again, much is cut off. */
    discard(): void;
}
/** A request in the form that undici's `dispatch` takes. */
export interface DispatchedRequest extends Pick<WireRequest, 'method' | 'path' | 'headers'> {
    readonly body: Buffer | Iterable<Buffer> | null;
    readonly reset: boolean;
    readonly idempotent: boolean;
}
/** What an exchange needs of whoever sends it. */
export interface Sender {
    dispatch(request: DispatchedRequest, exchange: Exchange): void;
    /** Called once for each exchange that was sent: when it has its answer, or gets none. */
    release(): void;
}
/**
 * One request and its answer: a handler for undici's `dispatch` (the methods that begin with `on`), and the
 * reader's side of the body.
 */
export declare class Exchange implements AnswerBody, Watched {
    #private;
    readonly answer: Promise<Answer | OpenAnswer>;
    /** @param streamed whether the body of a success is left to be read */
    constructor(request: WireRequest, deadlines: Deadlines, streamed: boolean);
    /** Whether it was given up, perhaps before it was sent. */
    get ended(): boolean;
    send(sender: Sender): void;
    /** The signal's abort event. */
    handleEvent(): void;
    timedOut(message: string): void;
    onConnect(abort: (error?: Error) => void): void;
    onBodySent(): void;
    onRequestSent(): void;
    onHeaders(status: number, raw: Buffer[], resume: () => void): boolean;
    onData(chunk: Buffer): boolean;
    onComplete(): void;
    onError(error: Error): void;
    next(): Promise<Buffer | undefined>;
    rest(size: number): Promise<Buffer>;
    discard(): void;
}
