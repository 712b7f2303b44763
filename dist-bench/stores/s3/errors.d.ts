import { type ErrorCode, StorageError } from '../../core/errors.js';
import type { Answer } from './exchange.js';
/** What stands behind an error of the S3 store; its `cause`. */
export declare class S3Failure extends Error {
    readonly name = "S3Failure";
    /** HTTP status; undefined where there was no whole answer. */
    readonly status?: number;
    /** S3's own error code, where the answer is an S3 error document. */
    readonly s3Code?: string;
    /** The region that the answer names, where the bucket is in another. */
    readonly region?: string;
    /**
     * `failed`: the server has not acted on the request, nor will it. `unknown`: it may have, or may yet: the
     * whole request was given to the socket and no S3 error document with 4xx, 429 or 503 came back.
     */
    readonly outcome: 'failed' | 'unknown';
    constructor(init: {
        message: string;
        outcome: 'failed' | 'unknown';
        status?: number | undefined;
        s3Code?: string | undefined;
        region?: string | undefined;
        cause?: unknown;
    });
}
/** What an error tells of the request: see {@link S3Failure.outcome}. Errors from before any request: `failed`. */
export declare function outcomeOf(error: unknown): 'failed' | 'unknown';
/** The same error, of a request of which an earlier try may have been applied, or may yet be. */
export declare function inDoubt(error: StorageError): StorageError;
/** S3's own code behind an error, such as `NoSuchUpload`. */
export declare function s3CodeOf(error: unknown): string | undefined;
/** What an error is told with. */
export interface ErrorContext {
    readonly op: string;
    readonly key?: string | undefined;
    /** Of the request: names and values in turn. */
    readonly headers?: readonly string[] | undefined;
}
/** An `<Error>` document. */
export interface ErrorDocument {
    readonly code: string;
    readonly message: string;
    readonly region?: string;
}
/** What one of S3's error codes means in Holdfast's words; undefined for one that is not known. */
export declare function codeOfS3(s3Code: string): ErrorCode | undefined;
/** Reads an S3 error document; undefined for anything else. */
export declare function readErrorDocument(body: Buffer): ErrorDocument | undefined;
/**
 * The error that an answer stands for.
 *
 * @param document the answer's error document, already read
 */
export declare function answerError(context: ErrorContext, answer: Pick<Answer, 'status' | 'headers'>, document: ErrorDocument | undefined): StorageError;
/** The error for a request without a whole answer. */
export declare function transportError(context: ErrorContext, error: unknown, signal: AbortSignal | undefined): StorageError;
/** The error for an answer that does not prove to be S3's, or cannot be read. Its outcome is unknown. */
export declare function unprovenAnswer(context: ErrorContext, status: number, why: string): StorageError;
/** The error for stored bytes that are not those that were written. */
export declare function integrityError(context: ErrorContext, message: string): StorageError;
/** The error for content that is not what its caller declared. */
export declare function wrongSha256(key: string, got: string, declared: string): StorageError;
