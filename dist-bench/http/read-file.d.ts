import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Key } from '../core/key.js';
import type { SignedAccess } from '../storage.js';
import type { Context } from './context.js';
/**
 * `GET` and `HEAD /uploads/<key>`: the file, a part of it (RFC 9110, section 14), or that nothing has changed
 * (section 13). The bearer of a signed URL may be sent on to the bucket.
 */
export declare function readFile(context: Context, request: IncomingMessage, response: ServerResponse, key: Key, signed: SignedAccess | undefined): Promise<void>;
