import type { Deadlines } from './deadlines.js';
/** Where a request is: what is waited for decides how long. */
export type Phase = 'queued' | 'sending' | 'waiting' | 'receiving' | 'reading' | 'ended';
/** Whoever is told that a deadline has passed. */
export interface Watched {
    timedOut(message: string): void;
}
/** What of a request its deadlines depend on. */
export interface WatchedRequest {
    readonly body?: Buffer | undefined;
    readonly firstByteMs?: number | undefined;
    readonly totalMs: number;
}
/**
 * Keeps the deadlines of one request with one timer, which is hardly ever moved: most requests end long before
 * it fires, and when it does, it looks how far the request has come.
 */
export declare class DeadlineWatch {
    #private;
    constructor(watched: Watched, request: WatchedRequest, deadlines: Deadlines);
    get phase(): Phase;
    enter(phase: Phase): void;
    /** The server has taken a piece of the request. */
    took(): void;
    /** A piece of the answer has come. */
    came(bytes: number): void;
    /** The reader holds the server up, or does so no longer: until then no time passes. */
    pause(paused: boolean): void;
    /**
     * Looks whether the phase has passed its limit, and else sleeps on. Where this process was busy itself, an answer
     * may lie unread: the network is looked at once more before the request is given up.
     *
     * @param last whether that was done
     */
    look(last: boolean): void;
}
