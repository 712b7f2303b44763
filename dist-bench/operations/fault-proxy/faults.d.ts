/**
 * What goes wrong with a request on its way to the server, or with the answer on its way back.
 *
 * - `refuse`: no connection. `reset`: the connection is cut before anything is read of the request
 * - `hang`: the request is read, never delivered, and never answered
 * - `stall`: the second half of the request is not read, or that of the answer does not come
 * - `cut`: the connection is cut in the middle: of the request, of which the server gets half; or of the answer
 * - `trickle`: the answer comes at so many bytes a second, one unless given
 * - `error`: this answer in the server's place. 500 and 503 (SlowDown) look like S3's own, 502 and 504 like a gateway's
 * - `portal`: somebody else's page of HTML in the server's place
 * - `lose-answer`: the request is delivered, and its answer dropped
 * - `ghost`: the client's connection ends without an answer, and the request is delivered later, after newer ones
 * - `bad-credentials`: the request is delivered with another access key id, so that the server refuses it
 */
export type ProxyFault = {
    readonly kind: 'refuse' | 'reset' | 'hang' | 'lose-answer' | 'bad-credentials';
} | {
    readonly kind: 'stall' | 'cut';
    readonly where: 'request' | 'answer';
} | {
    readonly kind: 'trickle';
    readonly bytesPerSecond?: number | undefined;
} | {
    readonly kind: 'error';
    readonly status: 500 | 502 | 503 | 504;
} | {
    readonly kind: 'portal';
    readonly status: 200 | 404;
} | {
    readonly kind: 'ghost';
    readonly minMs: number;
    readonly maxMs: number;
};
/** A fault, and whom it befalls. */
export interface FaultRule {
    readonly fault: ProxyFault;
    /** The share of requests, from 0 to 1; all unless given. */
    readonly rate?: number | undefined;
    /** `reads` are GET and HEAD, `writes` all others; both unless given. */
    readonly of?: 'reads' | 'writes' | undefined;
}
/** A time of these rules, from `minMs` to `maxMs` long. */
export interface FaultPhase {
    /** The first that befalls a request counts; without any, requests pass. */
    readonly rules: readonly FaultRule[];
    readonly minMs: number;
    readonly maxMs: number;
}
/** The first rule that befalls a request of this method. */
export declare function befalling(rules: readonly FaultRule[], method: string, random: () => number): ProxyFault | undefined;
/** Whether every connection is refused under these rules. */
export declare function refusesAll(rules: readonly FaultRule[]): boolean;
/** An answer in the server's place. */
export interface AnswerInPlace {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}
/** What an `error` or a `portal` answers. */
export declare function answerInPlace(fault: ProxyFault & {
    kind: 'error' | 'portal';
}): AnswerInPlace;
