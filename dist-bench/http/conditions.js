import { StorageError, shown } from '../core/errors.js';
import { etagOfFile } from './encoded-etag.js';
/**
 * What the request's conditions say of a file that is about to be answered, in the order of RFC 9110, section
 * 13.2.2: `failed` is 412, `not-modified` is 304.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a list of entity tags that is none
 */
export function evaluateRead(headers, version) {
    const ifMatch = headers['if-match'];
    if (ifMatch !== undefined) {
        if (!matchesStrongly(parseTags('If-Match', ifMatch), version.etag))
            return 'failed';
    }
    else if (modifiedSince(headers['if-unmodified-since'], version) === true) {
        return 'failed';
    }
    const ifNoneMatch = headers['if-none-match'];
    if (ifNoneMatch !== undefined) {
        return matchesWeakly(parseTags('If-None-Match', ifNoneMatch), version.etag) ? 'not-modified' : 'send';
    }
    return modifiedSince(headers['if-modified-since'], version) === false ? 'not-modified' : 'send';
}
/** Whether the tag is one of those that the request's conditions name. */
export function namesTag(headers, etag) {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
    return ((ifMatch !== undefined && lists(parseTags('If-Match', ifMatch), etag)) ||
        (ifNoneMatch !== undefined && lists(parseTags('If-None-Match', ifNoneMatch), etag)));
}
function lists(tags, etag) {
    return tags !== '*' && tags.some(tag => tag.value === etag);
}
/** Whether the client asks if what it has is still current, so that a look at the file may be all it takes. */
export function isRevalidation(headers) {
    return headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;
}
/** Reads `If-Range` (RFC 9110, section 13.1.5). A weak tag, or what is neither tag nor date, never holds. */
export function parseIfRange(value) {
    const tag = /^"([\x21\x23-\x7e\x80-\xff]*)"$/.exec(value);
    if (tag?.[1] !== undefined)
        return { etag: tag[1] };
    const dateMs = parseHttpDate(value);
    return dateMs === undefined ? 'never' : { dateMs };
}
/**
 * Whether the file is still the one that the client has a part of. A date proves it only where a second write within
 * the same second would have shown by now (RFC 9110, section 8.8.2.2).
 */
export function holdsIfRange(condition, version) {
    if (condition === 'never')
        return false;
    if ('etag' in condition)
        return condition.etag === version.etag;
    return condition.dateMs === wholeSeconds(version.lastModified) && Date.now() - condition.dateMs >= 2000;
}
/** Whether a write carries conditions. */
export function isConditionalWrite(headers) {
    return (headers['if-match'] !== undefined ||
        headers['if-none-match'] !== undefined ||
        headers['if-unmodified-since'] !== undefined);
}
/**
 * The request's conditions as the store takes them, where it can decide them alone: one strong ETag, or
 * `If-None-Match: *`. Undefined where a look at the file is needed first.
 */
export function storeCondition(headers) {
    const ifMatch = headers['if-match'];
    const ifNoneMatch = headers['if-none-match'];
    if (ifMatch === undefined && headers['if-unmodified-since'] !== undefined)
        return undefined;
    const wanted = ifMatch === undefined ? [] : parseFileTags('If-Match', ifMatch);
    const unwanted = ifNoneMatch === undefined ? [] : parseFileTags('If-None-Match', ifNoneMatch);
    if (wanted === '*' || wanted.length > 1 || wanted[0]?.weak === true)
        return undefined;
    if (unwanted !== '*' && unwanted.length > 1)
        return undefined;
    return {
        ifMatch: wanted[0]?.value,
        ifNoneMatch: unwanted === '*' ? '*' : unwanted[0]?.value,
    };
}
/**
 * Decides a write's conditions on the file that is there now (RFC 9110, section 13.2.2), and pins the decision: the
 * condition returned lets the write through only if the file is still that one.
 *
 * @param version undefined where there is no file
 * @throws StorageError `PRECONDITION_FAILED` or `ALREADY_EXISTS`
 */
export function decideWrite(headers, version) {
    const ifMatch = headers['if-match'];
    if (ifMatch !== undefined) {
        const tags = parseFileTags('If-Match', ifMatch);
        if (version === undefined || !matchesStrongly(tags, version.etag))
            throw failed('If-Match');
    }
    else if (version !== undefined && modifiedSince(headers['if-unmodified-since'], version) === true) {
        throw failed('If-Unmodified-Since');
    }
    const ifNoneMatch = headers['if-none-match'];
    if (ifNoneMatch !== undefined && version !== undefined) {
        const tags = parseFileTags('If-None-Match', ifNoneMatch);
        if (tags === '*') {
            const message = 'There is a file already, and If-None-Match: * asked for none.';
            throw new StorageError({ code: 'ALREADY_EXISTS', op: 'http', message });
        }
        if (matchesWeakly(tags, version.etag))
            throw failed('If-None-Match');
    }
    return version === undefined ? { ifNoneMatch: '*' } : { ifMatch: version.etag };
}
/** The error for a condition that does not hold. */
export function failed(header) {
    return new StorageError({
        code: 'PRECONDITION_FAILED',
        op: 'http',
        message: `The condition in ${header} does not hold.`,
    });
}
/** The ETag as it stands in a header (RFC 9110, section 8.8.3). */
export function quoteEtag(etag) {
    return `"${etag}"`;
}
/** A write is one of the file, whichever of its representations the client has seen. */
function parseFileTags(header, value) {
    const tags = parseTags(header, value);
    return tags === '*' ? tags : tags.map(tag => ({ ...tag, value: etagOfFile(tag.value) }));
}
function parseTags(header, value) {
    if (value.trim() === '*')
        return '*';
    const tags = [];
    // One member of the list, with the commas and blanks before it.
    const member = /[\s,]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"(?=\s*(?:,|$))/y;
    for (let at = 0; tags.length === 0 || /[^\s,]/.test(value.slice(at)); at = member.lastIndex) {
        const match = member.exec(value);
        if (match?.[2] === undefined) {
            const message = `Invalid ${header} ${shown(value)}; accepted: * or quoted entity tags such as "abc", "def".`;
            throw new StorageError({ code: 'INVALID_ARGUMENT', op: 'http', message });
        }
        tags.push({ weak: match[1] !== undefined, value: match[2] });
    }
    return tags;
}
/** RFC 9110, section 8.8.3.2: ours are strong, so a weak tag never matches strongly. */
function matchesStrongly(tags, etag) {
    return tags === '*' || tags.some(tag => !tag.weak && tag.value === etag);
}
function matchesWeakly(tags, etag) {
    return tags === '*' || tags.some(tag => tag.value === etag);
}
/** Whether the file changed after the date, in whole seconds; undefined where the header is absent or is no date. */
function modifiedSince(value, version) {
    const dateMs = value === undefined ? undefined : parseHttpDate(value);
    return dateMs === undefined ? undefined : wholeSeconds(version.lastModified) > dateMs;
}
function wholeSeconds(date) {
    return Math.floor(date.getTime() / 1000) * 1000;
}
const IMF_OR_RFC850 = /^[A-Z][a-z]+, \d{2}[ -][A-Z][a-z]{2}[ -](?:\d{4}|\d{2}) \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;
/** An HTTP-date in milliseconds since the epoch, in any of the three forms (RFC 9110, section 5.6.7), or undefined. */
export function parseHttpDate(value) {
    const text = IMF_OR_RFC850.test(value) ? value : ASCTIME.test(value) ? `${value} GMT` : '';
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? undefined : ms;
}
//# sourceMappingURL=conditions.js.map