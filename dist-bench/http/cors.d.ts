import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CorsOptions } from './options.js';
/** Sets the headers that let a page of an allowed origin read the answer (Fetch Standard, "CORS protocol"). */
export declare function allowOrigin(request: IncomingMessage, response: ServerResponse, cors: CorsOptions): void;
/**
 * Answers `OPTIONS`: what the resource takes, and to a preflight of an allowed origin what its pages may send.
 *
 * @param allow the methods of the resource, for the `Allow` header
 */
export declare function answerOptions(request: IncomingMessage, response: ServerResponse, allow: string, cors: CorsOptions | undefined): void;
