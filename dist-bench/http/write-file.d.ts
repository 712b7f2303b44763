import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Key } from '../core/key.js';
import type { SignedAccess } from '../storage.js';
import type { Context } from './context.js';
/**
 * `PUT /uploads/<key>` (RFC 9110, section 9.3.4): stores the body as it arrives, whole or not at all. Answered with
 * 201 and the {@link UploadResult} (but for `path`); 200 where a condition proved that there was a file before.
 */
export declare function writeFile(context: Context, request: IncomingMessage, response: ServerResponse, key: Key, signed: SignedAccess | undefined): Promise<void>;
/** `DELETE /uploads/<key>` (RFC 9110, section 9.3.5): 204, whether there was a file or not. */
export declare function deleteFile(context: Context, request: IncomingMessage, response: ServerResponse, key: Key): Promise<void>;
