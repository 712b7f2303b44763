import { type FaultPhase, type FaultRule, type ProxyFault } from './faults.js';
import { type RequestHead } from './upstream.js';
export interface FaultProxyOptions {
    /** URL of the server behind it. */
    readonly target: string;
    /** Decides everything that is left to chance; a new one unless given. */
    readonly seed?: number | undefined;
    /** 0, a free one, unless given. */
    readonly port?: number | undefined;
    /**
     * Changes the head of a request before it is passed on, such as its Host and its signature for a server that
     * takes only its own name. Unless given, it is passed on as it is, and what was signed still holds.
     */
    readonly rewrite?: ((head: RequestHead) => RequestHead | Promise<RequestHead>) | undefined;
    /** Bytes of requests that are held back at once; 256 MiB unless given. Past them a ghost never lands. */
    readonly maxHeldBytes?: number | undefined;
}
/** An HTTP proxy in front of one server, that fails as it is told. */
export interface FaultProxy {
    /** URL to be used in the place of the server's. */
    readonly endpoint: string;
    readonly port: number;
    readonly seed: number;
    /** Requests so far, by what befell them; `pass` counts the others. */
    readonly counts: Readonly<Record<ProxyFault['kind'] | 'pass', number>>;
    /** Requests that are held back to be delivered later. */
    readonly ghosts: number;
    /** From now on these rules hold; none: every request passes. Ends a schedule. */
    apply(...rules: readonly FaultRule[]): Promise<void>;
    /** From now on these phases follow one another, again and again, each for a random time. */
    flap(phases: readonly FaultPhase[]): Promise<void>;
    /** Delivers what is held back, and waits until the server has answered all that was delivered, a minute at most. */
    settle(): Promise<void>;
    /** Cuts every connection. What is held back is dropped. */
    close(): Promise<void>;
}
/**
 * Starts a proxy on 127.0.0.1.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a target that is no http or https URL
 */
export declare function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy>;
