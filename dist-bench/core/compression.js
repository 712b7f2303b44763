/** The content codings that files are compressed with (RFC 9110, section 8.4.1; RFC 7932; RFC 8878). */
export const ENCODINGS = ['gzip', 'br', 'zstd'];
/** Whether the word names a coding of ours. */
export function isEncoding(word) {
    return ENCODINGS.some(encoding => encoding === word);
}
/** One line of ASCII, at most 86 bytes, such as `gzip 1024 <sha256>`. */
export function formatOriginal({ encoding, size, sha256 }) {
    return `${encoding} ${size} ${sha256}`;
}
/** Reads what {@link formatOriginal} wrote; undefined for anything else. */
export function parseOriginal(text) {
    const [encoding, digits = '', sha256 = '', more] = text.split(' ');
    const size = Number(digits);
    if (!isEncoding(encoding) || !/^\d+$/.test(digits) || !Number.isSafeInteger(size))
        return undefined;
    return more === undefined && /^[0-9a-f]{64}$/.test(sha256) ? { encoding, size, sha256 } : undefined;
}
//# sourceMappingURL=compression.js.map