import { type Attributes } from '../../core/attributes.js';
import type { Key } from '../../core/key.js';
import { type Stamp } from '../../core/stamp.js';
import type { ObjectStat } from '../../core/store.js';
import { type AnswerHeaders } from './answer-headers.js';
import type { S3Context } from './context.js';
/** Holdfast's own entries in an object's metadata; they fit in `OWN_METADATA_BYTES`. */
export interface OwnMetadata {
    readonly writeId: string;
    readonly stamp: Stamp;
    /** Lower-case hex, where it is known before the first byte is sent. */
    readonly sha256?: string | undefined;
    /** How the content was cut into parts; see `formatPartPlan`. */
    readonly parts?: string | undefined;
}
/**
 * The headers that make S3 keep what an object carries (S3 API, "PutObject"). Some servers turn `_` in a metadata
 * name into `-`: there, and nowhere else, such names are sent in another form.
 */
export declare function objectHeaders(context: S3Context, attributes: Attributes, own: OwnMetadata): string[] | Promise<string[]>;
/** What an object is after a write that the store acknowledged. */
export declare function writtenStat(key: Key, attributes: Attributes, own: OwnMetadata, written: {
    size: number;
    etag: string;
    time: number;
    sha256?: string | undefined;
    versionId?: string | undefined;
}): ObjectStat;
/** What the head of an answer to GET or HEAD tells that a stat does not. */
export interface StoredObject {
    readonly stat: ObjectStat;
    /** See `parsePartPlan`. */
    readonly parts: string | undefined;
    /** How the server encrypts the object; some ways make its ETag something else than an MD5. */
    readonly encryption: string | undefined;
    readonly tagCount: number;
}
/** Reads the head of an answer to GET or HEAD. */
export declare function readStoredObject(key: Key, headers: AnswerHeaders, size: number): StoredObject;
/** An ETag as Holdfast names it: without quotes. */
export declare function unquote(etag: string): string;
