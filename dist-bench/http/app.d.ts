import { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Context } from './context.js';
import { type HandlerOptions, type HttpStorage } from './options.js';
/** What the routes come to. */
export interface App {
    readonly context: Context;
    /** Puts the routes together; resolves with what answers a request whose `url` is its path and query. */
    open(): Promise<(request: IncomingMessage, response: ServerResponse) => void>;
}
/**
 * The routes over a storage. Fastify finds the route; the answers are written to node:http's own response, since what
 * matters here (keys undecoded, bodies unread, broken transfers broken off) lies below what a framework hides.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export declare function createApp(storage: HttpStorage, options: HandlerOptions): App;
