import type { IncomingMessage, ServerResponse } from 'node:http';
import { type App } from './app.js';
import type { HandlerOptions, HttpStorage } from './options.js';
/**
 * Answers a request. Given `next` (as Express, Connect and Nest do), it answers `/uploads` and what is below, and hands
 * everything else on; without it every path is answered.
 */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void;
/**
 * Serves a storage over HTTP in an application's own server: `http.createServer(handler)`, or mounted in Express,
 * Fastify or Nest, before whatever reads request bodies. Nothing is opened before the first request.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export declare function createHandler(storage: HttpStorage, options?: HandlerOptions): HttpHandler;
/** The handler over an application that was made already. */
export declare function handlerOf(app: App): HttpHandler;
