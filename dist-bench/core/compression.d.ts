/** The content codings that files are compressed with (RFC 9110, section 8.4.1; RFC 7932; RFC 8878). */
export declare const ENCODINGS: readonly ['gzip', 'br', 'zstd'];
export type Encoding = (typeof ENCODINGS)[number];
/** What was compressed by us into the bytes that a store holds: present on such objects and no others. */
export interface Original {
    readonly encoding: Encoding;
    /** Bytes before compression. */
    readonly size: number;
    /** Lower-case hex, of the bytes before compression. */
    readonly sha256: string;
}
/** Whether the word names a coding of ours. */
export declare function isEncoding(word: unknown): word is Encoding;
/** One line of ASCII, at most 86 bytes, such as `gzip 1024 <sha256>`. */
export declare function formatOriginal({ encoding, size, sha256 }: Original): string;
/** Reads what {@link formatOriginal} wrote; undefined for anything else. */
export declare function parseOriginal(text: string): Original | undefined;
