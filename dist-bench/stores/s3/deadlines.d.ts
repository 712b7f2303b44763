/** How long each step of a request may take, in milliseconds. */
export interface Deadlines {
    /** To connect, name look-up and TLS included. */
    readonly connectMs: number;
    /** From the last byte sent to the first byte of the answer. */
    readonly firstByteMs: number;
    /** Between two pieces of a request or an answer; a trickle counts as a pause. */
    readonly idleMs: number;
    /** For an operation that moves no unbounded body, its retries included. */
    readonly totalMs: number;
    /** For what the server may have to work on: completing a multipart upload, copying. */
    readonly completeMs: number;
}
/** What is used where nothing else is configured. */
export declare const DEFAULT_DEADLINES: Deadlines;
