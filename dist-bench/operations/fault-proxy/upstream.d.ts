import { type ClientRequest, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
/** The head of a request: its first line, and its headers as names and values in turn. */
export interface RequestHead {
    readonly method: string;
    /** With the query; as it stands in the first line. */
    readonly path: string;
    readonly headers: readonly string[];
}
/** The server behind a proxy. */
export declare class Upstream {
    #private;
    constructor(target: URL);
    /** Begins a request; what is written to it is its body. */
    begin(head: RequestHead): ClientRequest;
    /** Sends a request with its whole body. @returns the head of its answer, whose body is to be read or dropped */
    send(head: RequestHead, body: Buffer): Promise<IncomingMessage>;
    /** Passes a request on while it arrives. It is given up with its client, unless it has arrived whole. */
    relay(head: RequestHead, body: IncomingMessage): Promise<IncomingMessage>;
    close(): void;
}
/** The headers that are passed on, as names and values in turn. */
export declare function passedOn(headers: readonly string[]): string[];
/** Reads a body whole; undefined if it is longer than `maxBytes`, and then the rest is dropped. */
export declare function readWhole(body: Readable, maxBytes: number): Promise<Buffer | undefined>;
