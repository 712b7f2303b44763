import type { IncomingMessage } from 'node:http';
import type { SignedAccess } from '../storage.js';
import type { Action, HttpStorage, Settings } from './options.js';
/** Decides who may do what. */
export declare class Access {
    #private;
    /** Nobody configured access: everything is allowed, but to this machine only. */
    readonly open: boolean;
    constructor(storage: HttpStorage, settings: Settings);
    /**
     * The rules of a server without access rules: it answers only to this machine, under a name that no DNS answer can
     * point elsewhere (so that a page of another site cannot reach it by rebinding its own name), and writes only for
     * pages of its own or of an origin that `cors` names.
     *
     * @throws StorageError `PERMISSION_DENIED`
     */
    guard(request: IncomingMessage): void;
    /**
     * Lets the request do something, or throws. In this order: a valid API key, a signed URL, the application's
     * `authorize`; and without any rules, everybody that {@link guard} lets in.
     *
     * @param target the request's path and query
     * @returns what a signed URL says of the answer, if one gave access
     * @throws StorageError `UNAUTHENTICATED` without a valid key, `PERMISSION_DENIED` for a signed URL that does not
     *   hold or an `authorize` that says no; but for `read` its no is the NOT_FOUND of a file that is not there
     */
    check(request: IncomingMessage, action: Action, key: string, target: string): Promise<SignedAccess | undefined>;
}
