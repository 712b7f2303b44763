/** The headers of an answer, read where they lie: most are never looked at. */
export class AnswerHeaders {
    #raw;
    /** @param raw names and values in turn, as they came */
    constructor(raw) {
        this.#raw = raw;
    }
    /** The value of the first header of this (lower-case) name. */
    get(name) {
        const raw = this.#raw;
        for (let i = 0; i < raw.length; i += 2) {
            const candidate = raw[i];
            if (candidate.length === name.length && candidate.toString('latin1').toLowerCase() === name) {
                return raw[i + 1].toString('latin1');
            }
        }
        return undefined;
    }
    /** Shows every header in turn: its name in lower case, and its value read as UTF-8. */
    each(see) {
        for (let i = 0; i < this.#raw.length; i += 2) {
            see(this.#raw[i].toString('latin1').toLowerCase(), this.#raw[i + 1].toString());
        }
    }
    /** Bytes of the body as announced; undefined if they were not, or not in digits. */
    contentLength() {
        const value = this.get('content-length');
        return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
    }
    /** Milliseconds since the epoch by the server's clock (RFC 9110, section 6.6.1). */
    date() {
        return parseDate(this.get('date'));
    }
    /** Milliseconds that the server asks to wait (RFC 9110, section 10.2.3), a day at most. */
    retryAfterMs() {
        const value = this.get('retry-after');
        if (value === undefined)
            return undefined;
        const wait = /^\d{1,9}$/.test(value)
            ? Number(value) * 1000
            : (parseDate(value) ?? Number.NaN) - Date.now();
        return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), 86_400_000);
    }
}
let lastText = '';
let lastTime = 0;
/** Milliseconds of an HTTP date. Answers of one second carry the same text, so the last one is remembered. */
export function parseDate(text) {
    if (text === undefined)
        return undefined;
    if (text === lastText)
        return lastTime;
    const time = Date.parse(text);
    if (Number.isNaN(time))
        return undefined;
    lastText = text;
    lastTime = time;
    return time;
}
//# sourceMappingURL=answer-headers.js.map