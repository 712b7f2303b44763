/** The headers of an answer, read where they lie: most are never looked at. */
export declare class AnswerHeaders {
    #private;
    /** @param raw names and values in turn, as they came */
    constructor(raw: readonly Buffer[]);
    /** The value of the first header of this (lower-case) name. */
    get(name: string): string | undefined;
    /** Shows every header in turn: its name in lower case, and its value read as UTF-8. */
    each(see: (name: string, value: string) => void): void;
    /** Bytes of the body as announced; undefined if they were not, or not in digits. */
    contentLength(): number | undefined;
    /** Milliseconds since the epoch by the server's clock (RFC 9110, section 6.6.1). */
    date(): number | undefined;
    /** Milliseconds that the server asks to wait (RFC 9110, section 10.2.3), a day at most. */
    retryAfterMs(): number | undefined;
}
/** Milliseconds of an HTTP date. Answers of one second carry the same text, so the last one is remembered. */
export declare function parseDate(text: string | undefined): number | undefined;
