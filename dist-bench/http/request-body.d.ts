import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Traffic } from './traffic.js';
/**
 * A request's body as content to store. It differs from the request itself, which is an async iterable too, in what a
 * server needs: giving it up leaves the connection alone, so that an answer can still be sent; `100 Continue` goes out
 * when the first byte is wanted and not before; and a client that stops sending is given up after a while, however
 * long the upload takes as a whole.
 */
export declare class RequestBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
    #private;
    constructor(request: IncomingMessage, response: ServerResponse, idleTimeoutMs: number, traffic: Traffic);
    /** Whether the body was given up because nothing came any more. */
    get timedOut(): boolean;
    [Symbol.asyncIterator](): this;
    next(): Promise<IteratorResult<Uint8Array, undefined>>;
    /** Stops listening. What is left of the body stays unread. */
    return(): Promise<IteratorResult<Uint8Array, undefined>>;
}
