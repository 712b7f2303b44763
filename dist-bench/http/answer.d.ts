import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Logger } from '../core/logger.js';
/** Answers with JSON. Ends the answer. */
export declare function sendJson(request: IncomingMessage, response: ServerResponse, status: number, body: unknown, headers?: OutgoingHttpHeaders): void;
/** Answers with text (or nothing, with status 204) that may be shown to nobody else. Ends the answer. */
export declare function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders): void;
/** How an error is answered beside what its code says. */
export interface ErrorAnswer {
    readonly status?: number;
    readonly headers?: OutgoingHttpHeaders;
}
/**
 * Answers with an error as `{"error": {code, message, key?, retryable, retryAfterMs?}}`, and logs it where the fault is
 * not the client's. An answer that has begun can only be broken off, so that no client takes a part for the whole.
 */
export declare function sendError(request: IncomingMessage, response: ServerResponse, thrown: unknown, logger: Logger, answer?: ErrorAnswer): void;
/** The request's path as it may be logged: the query can hold a signature. */
export declare function loggedPath(request: IncomingMessage): string;
/** An error of a connection that is gone is told to nobody, and must not end the process. */
export declare function ignoreErrors(stream: IncomingMessage | ServerResponse): void;
