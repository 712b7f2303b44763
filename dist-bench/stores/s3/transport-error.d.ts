/** What kept a request from an answer. */
export type TransportProblem = 'connect' | 'reset' | 'timeout' | 'protocol' | 'aborted' | 'closed';
/** A request that got no whole answer. */
export declare class TransportError extends Error {
    readonly name = "TransportError";
    readonly problem: TransportProblem;
    /** Whether the last byte of the request had been given to the socket: then the server may have acted on it. */
    readonly sent: boolean;
    constructor(problem: TransportProblem, sent: boolean, message: string, cause?: unknown);
}
/** What an error of undici or of the network means. */
export declare function translate(error: Error, queued: boolean, sent: boolean): TransportError;
