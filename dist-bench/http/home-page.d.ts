import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StorageStatus } from '../storage.js';
import type { Context } from './context.js';
/**
 * `GET /`: a page for a browser that says what this is, whether it works, and what to try next. It needs no script and
 * no other resource. Where files lie is shown to those who may ask for the status.
 */
export declare function answerHomePage(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void>;
interface HomeFacts {
    readonly state: StorageStatus['state'];
    /** Undefined for those who may not know more than the state. */
    readonly status: StorageStatus | undefined;
    /** How the browser reached this server, such as `http://localhost:8080`. */
    readonly origin: string;
    readonly basePath: string;
    readonly needsKey: boolean;
}
/** The page as HTML. */
export declare function homePage({ state, status, origin, basePath, needsKey }: HomeFacts): string;
export {};
