import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Key } from '../core/key.js';
import type { SignedAccess } from '../storage.js';
import type { Context } from './context.js';
/**
 * Sends the bearer of a signed URL on to the bucket (307, RFC 9110, section 15.4.8), where that has just said that it
 * holds the file, and would answer as we do. It is asked for each request: so while it is away the file is served from here,
 * what is missing is our own 404, and the headers that its URL asks for are those of the very file.
 *
 * @returns false if nothing was answered, and the file is to be served from here
 */
export declare function redirectToBucket(context: Context, request: IncomingMessage, response: ServerResponse, key: Key, signed: SignedAccess): Promise<boolean>;
