import type { IncomingMessage, ServerResponse } from 'node:http';
/** Notes that the client waits for `100 Continue` before it sends the body (RFC 9110, section 10.1.1). */
export declare function expectContinue(request: IncomingMessage): void;
/**
 * Whether the client still waits for `100 Continue`. Never under a server that sends it by itself, as node:http does
 * without a `checkContinue` listener.
 */
export declare function awaitsContinue(request: IncomingMessage): boolean;
/** Asks a client that waits to send its body. */
export declare function sendContinue(request: IncomingMessage, response: ServerResponse): void;
