import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from './context.js';
/** `GET /uploads?prefix=&delimiter=&cursor=&limit=`: one page of a listing as JSON, a `ListPage`. */
export declare function listFiles({ storage }: Context, request: IncomingMessage, response: ServerResponse, prefix: string, query: URLSearchParams): Promise<void>;
