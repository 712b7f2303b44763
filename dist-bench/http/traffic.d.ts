import type { IncomingMessage, ServerResponse } from 'node:http';
/** What a metric says of requests with the same labels. */
export interface RequestCount {
    readonly route: string;
    readonly method: string;
    /** The answer's status; `cut` where the answer did not reach its end. */
    readonly status: string;
    count: number;
}
/** Counts requests by what was asked of whom, never by a path: there are as many paths as files. */
export declare class Traffic {
    #private;
    /** Bytes of files that clients sent, and that were sent to clients. */
    receivedBytes: number;
    sentBytes: number;
    get requests(): Iterable<RequestCount>;
    /** Counts an answer that has ended. @param route a template, such as `/uploads/{key}` */
    answered(route: string, request: IncomingMessage, response: ServerResponse): void;
}
