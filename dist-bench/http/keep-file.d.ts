import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Key } from '../core/key.js';
import type { Context } from './context.js';
/** What may be done with a file. To keep it is a POST to its `?keep`; to any other query of it there is none. */
export declare function fileMethods(query: string): string;
/**
 * `POST /uploads/<key>?keep`: ends a file's expiry. Answered with 200 and what `statFile` tells. A POST without `?keep`
 * is no request to a file (405).
 */
export declare function keepFile({ storage, settings }: Context, request: IncomingMessage, response: ServerResponse, key: Key): Promise<void>;
