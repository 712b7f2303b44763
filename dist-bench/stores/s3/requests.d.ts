import { type Key } from '../../core/key.js';
import type { S3Client } from './client.js';
import { type ErrorContext } from './errors.js';
import type { Answer } from './exchange.js';
/** The path of an object, percent-encoded. */
export declare function keyPath(client: S3Client, key: Key): string;
/** The query that names one version of an object. */
export declare function versionQuery(versionId: string): string;
/** What an answer to a write tells. */
export interface Written {
    readonly etag: string;
    /** Milliseconds since the epoch, by the store's clock. */
    readonly time: number;
    readonly versionId: string | undefined;
}
/** Reads the answer to a PUT of an object or part: only an ETag proves that the bytes were taken. */
export declare function readWritten(context: ErrorContext, answer: Answer): Written;
/** What the answer's head tells of a write whose ETag is known. */
export declare function written(answer: Answer, etag: string): Written;
/** The fields directly below the root of an answer that has no lists. */
export declare function readFields(context: ErrorContext, answer: Answer, root: string): Record<string, string>;
/**
 * Reads an answer whose root element must be `root`. An error document in a success is the error that it tells.
 *
 * @throws StorageError `UNAVAILABLE` if it is anything else, or cut off
 */
export declare function readAnswer(context: ErrorContext, answer: Answer, root: string, close: (name: string, text: string, depth: number) => void, open?: (name: string, depth: number) => void): void;
/** The form that `encoding-type=url` gives: percent-encoding, and by some servers `+` for a space. */
export declare function decodeUrl(text: string): string | undefined;
