declare const keyBrand: unique symbol;
/** A validated object name. Made only by {@link parseKey}; only a Key reaches a store. */
export type Key = string & {
    readonly [keyBrand]: true;
};
/** The longest key, in bytes of UTF-8 (S3 API, "Object key naming"). */
export declare const MAX_KEY_BYTES = 1024;
/** Names below this prefix are Holdfast's own on every store, and hidden from listings. */
export declare const RESERVED_PREFIX = ".holdfast/";
/**
 * Parses an object key: 1 to 1024 bytes of well-formed UTF-8, without control characters, backslashes, a
 * leading `/`, or an empty, `.` or `..` segment, and not below `.holdfast/`. The key is taken as it is: it is
 * never trimmed, decoded or normalised.
 *
 * @throws StorageError `INVALID_KEY` naming the rule that was broken
 */
export declare function parseKey(value: unknown, op?: string): Key;
/** Whether {@link parseKey} takes the value. */
export declare function isKey(value: unknown): value is Key;
/** A key of Holdfast's own, below {@link RESERVED_PREFIX}. */
export declare function internalKey(name: string): Key;
/**
 * Parses a key prefix, the start of the keys that are meant: any start of a valid key, `''` for all. It is a
 * string prefix, not a folder: `a/b` also covers `a/bc`.
 *
 * @throws StorageError `INVALID_ARGUMENT`
 */
export declare function parsePrefix(value: unknown, op?: string): string;
/**
 * Compares two strings by their bytes of UTF-8, the order of S3's listings. JavaScript's own comparison is by
 * UTF-16 unit, which puts U+FFFD after U+1F600.
 *
 * @returns a negative number, zero or a positive number
 */
export declare function compareUtf8(a: string, b: string): number;
/** The key as a URL path: every byte but RFC 3986's unreserved characters and `/` percent-encoded. */
export declare function encodeKey(key: string): string;
export {};
