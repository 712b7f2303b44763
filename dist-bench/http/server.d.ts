import { type HandlerOptions, type HttpStorage } from './options.js';
export interface ServerOptions extends HandlerOptions {
    /** Address to listen on; `127.0.0.1` unless given. Any but a loopback address takes `apiKeys` or `authorize`. */
    readonly host?: string | undefined;
    /** Port to listen on; 8080 unless given, and 0 takes a free one. */
    readonly port?: number | undefined;
    /** Longest wait, in milliseconds, for the headers of a request; 20,000 unless given. */
    readonly headersTimeoutMs?: number | undefined;
    /**
     * How long a connection without a request is kept, in milliseconds; 65,000 unless given: longer than load balancers
     * keep theirs, so that they never send on one that is just being closed.
     */
    readonly keepAliveTimeoutMs?: number | undefined;
}
/** A running, or not yet running, server. */
export interface HttpServer {
    /**
     * Starts to listen. The storage opens with the first request that needs it.
     * @returns where the server is reached
     * @throws StorageError `CONFIG_INVALID` for an address that others reach while no access rules are set, or one that
     *   cannot be listened on
     */
    listen(): Promise<{
        readonly host: string;
        readonly port: number;
        readonly url: string;
    }>;
    /** Such as `http://127.0.0.1:8080`; undefined while the server does not listen. */
    readonly url: string | undefined;
    /**
     * Stops: accepts nothing more, closes idle connections at once, lets running requests finish for up to `drainMs`
     * (10,000 unless given), then cuts them off. Leaves the storage open.
     * @returns how many connections were cut off
     */
    close(options?: {
        readonly drainMs?: number | undefined;
    }): Promise<{
        readonly cutOff: number;
    }>;
}
/**
 * A server of its own over a storage.
 *
 * @throws StorageError `CONFIG_INVALID`
 */
export declare function createServer(storage: HttpStorage, options?: ServerOptions): HttpServer;
