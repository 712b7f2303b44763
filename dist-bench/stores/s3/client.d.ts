import type { Logger } from '../../core/logger.js';
import { type Address } from './address.js';
import type { AnswerHeaders } from './answer-headers.js';
import { type Deadlines } from './deadlines.js';
import type { Answer, OpenAnswer } from './exchange.js';
import type { S3Options } from './options.js';
/** One S3 request, unsigned. It can be sent again as it is. */
export interface S3Call {
    readonly op: string;
    readonly key?: string | undefined;
    readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
    /** Percent-encoded; of an object, what `keyPath` makes. */
    readonly path: string;
    /** What `canonicalQuery` made; none unless given. */
    readonly query?: string;
    /** Lower-case names and values in turn. */
    readonly headers?: readonly string[];
    readonly body?: Buffer;
    /** Lower-case hex SHA-256 of the body; of no bytes unless given. */
    readonly payloadHash?: string;
    readonly signal?: AbortSignal | undefined;
    /**
     * It changes what is under a key. Where the policy says so, it is then not repeated while its outcome is unknown.
     * Parts of an upload change nothing until it is completed.
     */
    readonly mutates?: boolean;
    /** It is not repeated, whatever the policy says. */
    readonly once?: boolean | undefined;
    /** The server may work long before it answers: the deadline for that applies. */
    readonly slow?: boolean;
    /** Milliseconds for all tries together, where the deadlines configured are too long. */
    readonly totalMs?: number;
    /** The longest answer that is read; 1 MiB unless given. */
    readonly maxAnswerBytes?: number;
    /** Statuses beside 2xx that are answers, not errors. */
    readonly expected?: readonly number[];
}
/**
 * Sends S3 requests to one bucket: signs them, repeats what may be repeated, turns refusals into errors, and
 * lets no answer pass that is not S3's.
 */
export declare class S3Client {
    #private;
    readonly address: Address;
    readonly bucket: string;
    readonly deadlines: Deadlines;
    readonly logger: Logger;
    /** @throws StorageError `CONFIG_INVALID` */
    constructor(options: S3Options, logger: Logger);
    /** Milliseconds since the epoch by the store's clock, as far as it is known. */
    now(): number;
    /**
     * What an operation begins with that works before its first request.
     *
     * @throws StorageError `UNAVAILABLE` once closed, or the signal's if that has fired
     */
    enter(op: string, key: string | undefined, signal: AbortSignal | undefined): void;
    /**
     * Sends a request and reads its whole answer.
     *
     * @param read makes a result of a 2xx answer that was proven; what it throws fails the try
     * @throws StorageError
     */
    send<T>(call: S3Call, read: (answer: Answer) => T): Promise<T>;
    /**
     * Sends a request and hands out its answer when the head is there. Only an answer of 200 or 206 has its body
     * still to be read.
     *
     * @throws StorageError
     */
    open(call: S3Call): Promise<Answer | OpenAnswer>;
    /** The latest time that the store's own clock was heard to be: it is that now, or later. Milliseconds. */
    get heardTime(): number;
    /** Notes what an answer, known to be the store's, tells of its clock. */
    hear(headers: AnswerHeaders): void;
    /** The query of a presigned URL for a request. */
    presign(request: {
        method: string;
        host: string;
        path: string;
        headers: readonly string[];
    }, parameters: readonly (readonly [string, string])[], expiresInSeconds: number): Promise<string>;
    /** Whether a 404 without a document (to a HEAD) is S3's, and about the object rather than the bucket. */
    provesAbsence(headers: AnswerHeaders): boolean;
    /** Ends all requests within a few seconds; later ones fail. */
    close(): Promise<void>;
}
