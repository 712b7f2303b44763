import { InvalidArgumentError } from 'commander';
/** Parses a whole number for an option. */
export function count(min, max) {
    return text => {
        const value = Number(text);
        if (/^\d{1,15}$/.test(text) && value >= min && value <= max)
            return value;
        throw new InvalidArgumentError(`Accepted: a whole number from ${min} to ${max}.`);
    };
}
const SECONDS = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
/** Parses a duration such as `90`, `90s`, `15m`, `1h` or `7d` into seconds. */
export function seconds(text) {
    const match = /^(\d{1,9})([smhd]?)$/.exec(text);
    const unit = SECONDS[match?.[2] ?? ''];
    if (match?.[1] !== undefined && unit !== undefined)
        return Number(match[1]) * unit;
    throw new InvalidArgumentError('Accepted: a number with s, m, h or d, such as 15m; without one, seconds.');
}
/** Parses a day (its midnight, UTC) or a time as ISO 8601 has them, into milliseconds since the epoch. */
export function moment(text) {
    const isOne = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text);
    const time = isOne ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(time))
        return time;
    throw new InvalidArgumentError('Accepted: a day such as 2027-01-31, or a time such as 2027-01-31T12:00Z.');
}
/** Parses when something expires: a duration as {@link seconds} takes it, or a day or time as {@link moment} does. */
export function expiry(text) {
    try {
        return text.includes('-') ? { expiresAt: new Date(moment(text)) } : { expiresInSeconds: seconds(text) };
    }
    catch {
        throw new InvalidArgumentError('Accepted: a duration such as 24h or 7d, or a date such as 2030-12-24 or 2030-12-24T18:00:00Z.');
    }
}
/** Parses one `name=value` more. */
export function pair(text, before = {}) {
    const at = text.indexOf('=');
    if (at > 0)
        return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
    throw new InvalidArgumentError('Accepted: name=value.');
}
/** Parses a range of bytes: `0-99`, `100-` (from there to the end) or `-100` (the last). */
export function byteRange(text) {
    const match = /^(?:bytes=)?(\d{0,15})-(\d{0,15})$/.exec(text);
    const [, start = '', end = ''] = match ?? [];
    if (start !== '')
        return { start: Number(start), ...(end !== '' && { end: Number(end) }) };
    if (end !== '')
        return { last: Number(end) };
    throw new InvalidArgumentError('Accepted: 0-99 (both included), 100- or -100, in bytes.');
}
/** Collects the values of an option that may be repeated. */
export function collected(text, before = []) {
    return [...before, text];
}
const TIERS = ['Expedited', 'Standard', 'Bulk'];
/** Parses how soon an archived file is wanted, in any letter case. */
export function thawTier(text) {
    const tier = TIERS.find(name => name.toLowerCase() === text.toLowerCase());
    if (tier !== undefined)
        return tier;
    throw new InvalidArgumentError(`Accepted: ${TIERS.join(', ')}.`);
}
//# sourceMappingURL=parse.js.map