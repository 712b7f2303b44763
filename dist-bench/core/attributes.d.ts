import type { Original } from './compression.js';
/** Names and values by which rules and people sort objects; at most ten. */
export type Tags = Readonly<Record<string, string>>;
/** What an object carries beside its bytes. Checked by {@link parseAttributes} before it reaches a store. */
export interface Attributes {
    readonly contentType: string;
    /** The name a person gave the file: any Unicode, not part of the key. */
    readonly fileName?: string;
    readonly contentDisposition?: string;
    readonly cacheControl?: string;
    /** How the stored bytes are encoded (RFC 9110, section 8.4). */
    readonly contentEncoding?: string;
    /** The user's own: lower-case token keys, any Unicode values. */
    readonly metadata: Readonly<Record<string, string>>;
    readonly tags?: Tags;
    readonly storageClass?: string;
    /** What the stored bytes were compressed from by us; `contentEncoding` is then its encoding. */
    readonly original?: Original;
    /** When the object is gone: milliseconds since the epoch. The write that carries it is named accordingly. */
    readonly expiresAt?: number;
}
/** What {@link parseAttributes} takes. */
export interface AttributesInput {
    readonly contentType?: string | undefined;
    readonly fileName?: string | undefined;
    readonly contentDisposition?: string | undefined;
    readonly cacheControl?: string | undefined;
    readonly contentEncoding?: string | undefined;
    readonly metadata?: Readonly<Record<string, string>> | undefined;
    readonly tags?: Readonly<Record<string, string>> | undefined;
    readonly storageClass?: string | undefined;
}
/** S3's limit on user metadata: bytes of names and encoded values together (S3 API, "PutObject"). */
export declare const MAX_METADATA_BYTES = 2048;
/**
 * What Holdfast's own entries (write id, stamp, part size, SHA-256, original, expiry) may take of {@link MAX_METADATA_BYTES}:
 * always counted as if all were there, so that the same metadata fits, or does not, on every store.
 */
export declare const OWN_METADATA_BYTES = 448;
/** Metadata names of this start are Holdfast's own. */
export declare const OWN_METADATA_PREFIX = "holdfast-";
/** What an object has when nobody said or found out (RFC 2046, section 4.5.1). */
export declare const DEFAULT_CONTENT_TYPE = "application/octet-stream";
/**
 * Checks and freezes what an object is to carry.
 *
 * - `contentType`: a media type (RFC 9110, section 8.3.1), at most 255 characters
 * - `contentDisposition`, `cacheControl`, `contentEncoding`: printable ASCII
 * - `storageClass`: see {@link parseStorageClass}
 * - `fileName`: well-formed Unicode without control characters, 1 to 255 bytes encoded
 * - `metadata`: names are lower-case tokens (RFC 9110, section 5.6.2) not starting with `holdfast-`, values
 *   well-formed Unicode without control characters; at most 2048 bytes encoded, Holdfast's own included
 * - `tags`: at most 10, names of 1 to 128 and values of 0 to 256 characters (S3 API, "Object tagging")
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export declare function parseAttributes(input: AttributesInput, op?: string): Attributes;
/** Attributes of which what is absent may be given as undefined. */
type Carried = Pick<Attributes, 'contentType' | 'metadata'> & {
    readonly [K in keyof Attributes]: Attributes[K] | undefined;
};
/** What an object carries, and nothing else of a stat that was given for it. */
export declare function attributesOf(carried: Carried): Attributes;
/**
 * Checks and freezes the tags of an object (S3 API, "Object tagging"): at most 10, names of 1 to 128 and values of 0 to
 * 256 letters, digits, spaces and `+-=._:/@`.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export declare function parseTags(tags: Tags, op: string): Tags;
/**
 * Any Unicode as a header value: itself where it is printable ASCII that nobody could take for an encoded
 * word, else one RFC 2047 encoded word in UTF-8 and base64, the form that S3 itself answers with.
 */
export declare function encodeMetadataValue(value: string): string;
/** Reads what {@link encodeMetadataValue} or another S3 client wrote: RFC 2047 words in UTF-8, B or Q. */
export declare function decodeMetadataValue(value: string): string;
export {};
