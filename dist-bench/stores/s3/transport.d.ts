import type { Deadlines } from './deadlines.js';
import { type Answer, type OpenAnswer, type WireRequest } from './exchange.js';
/** What a {@link Transport} is made of. */
export interface TransportOptions {
    /** Scheme, host and port. */
    readonly origin: string;
    /** Requests under way at once, and as many downloads whose answer has not begun; further ones wait. */
    readonly connections: number;
    readonly deadlines: Deadlines;
}
/**
 * Sends requests to one origin over kept connections. It follows no redirect and repeats no request. Every
 * request ends by a deadline.
 */
export declare class Transport {
    #private;
    constructor({ origin, connections, deadlines }: TransportOptions);
    /** The whole answer, whatever its status. @throws TransportError */
    send(request: WireRequest): Promise<Answer>;
    /** As {@link send}, but the body of a success is left to be read. @throws TransportError */
    open(request: WireRequest): Promise<Answer | OpenAnswer>;
    /**
     * Further requests go over new connections, and those under way to their end over theirs. A connection can be
     * dead without anybody having told, and then those that are kept beside it are likely to be dead as well: each of
     * them would cost somebody a deadline.
     */
    renew(): void;
    /** Waits a little for requests under way, then cuts every connection. */
    close(): Promise<void>;
}
