import type { ServerResponse } from 'node:http';
import { type StubAnswer } from './s3-stub-answer.js';
/**
 * What goes wrong with one request.
 *
 * - `refuse`: the connection is reset before the request is read; `reset`: after it was read, and it had no
 *   effect; `lose-answer`: after it took effect
 * - `status`: this answer instead, after the request took effect if `applied`
 * - `delayMs`: served after a while
 * - `stall`: `request` reads no body, `before-headers` reads it and never answers (after it took effect if
 *   `applied`), `mid-body` stops in the middle of its answer
 * - `trickleMs`: the answer's body comes one byte at a time, with this pause
 * - `truncate`: half of the body comes. `content-length`: announced in full; `chunked`: without a last chunk;
 *   `close`: without a length, ended by the connection; `matching`: with the length of what comes
 * - `wrong`: the answer has another byte, or another ETag, than the object
 * - `errorIn200`: an error document of this code with a status of 200, and no effect
 */
export type Fault = 'refuse' | 'reset' | 'lose-answer' | {
    readonly status: number;
    readonly body?: string | Buffer;
    readonly headers?: Readonly<Record<string, string>>;
    readonly applied?: boolean;
} | {
    readonly delayMs: number;
} | {
    readonly stall: 'request' | 'before-headers' | 'mid-body';
    readonly applied?: boolean;
} | {
    readonly trickleMs: number;
} | {
    readonly truncate: 'content-length' | 'chunked' | 'close' | 'matching';
} | {
    readonly wrong: 'bytes' | 'etag';
} | {
    readonly errorIn200: string;
};
/** Whether the request still takes effect under this fault. */
export declare function isApplied(fault: Fault | undefined): boolean;
/** The answer in place of a request that takes no effect. */
export declare function answerInPlace(fault: Fault): StubAnswer | undefined;
/** Sends an answer, with what the fault makes of it. */
export declare function sendAnswer(response: ServerResponse, answer: StubAnswer, fault: Fault | undefined, isHead: boolean): void;
