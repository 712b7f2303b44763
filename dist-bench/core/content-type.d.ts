/** How many of the first bytes {@link proveContentType} wants to see. */
export declare const PROOF_BYTES = 4100;
/**
 * The media type that the content itself proves by its first bytes, or undefined. Text formats (HTML, SVG,
 * JSON, CSV) prove nothing.
 */
export declare function proveContentType(firstBytes: Uint8Array): Promise<string | undefined>;
/** The media type that the extension of a key or file name stands for, or undefined. */
export declare function contentTypeOfName(name: string): string | undefined;
/**
 * The media type for content that came without one: what its first bytes prove, if that is an image, audio,
 * video or PDF; else what the name's extension says (so that a `.docx` is not taken for the ZIP file that it
 * also is); else whatever the bytes prove; else `application/octet-stream`.
 */
export declare function chooseContentType(name: string, firstBytes: Uint8Array): Promise<string>;
