const DAY_MS = 86_400_000;
/**
 * When an action is due: at a midnight UTC, as S3 has it. Days are counted from the write, to the moment, and then rounded up
 * to the next midnight (S3 User Guide, "Lifecycle rules: based on an object's age").
 *
 * @param from when the object was written (or became old, or the upload was begun): milliseconds since the epoch
 * @returns milliseconds since the epoch
 */
export function dueAt(when, from) {
    if ('on' in when)
        return Date.parse(when.on);
    return Math.ceil((from + when.afterDays * DAY_MS) / DAY_MS) * DAY_MS;
}
/** Whether a rule is for an object, as far as its key and size tell: {@link hasTags} tells the rest. */
export function isFor({ filter }, { key, size }) {
    const { prefix, largerThan, smallerThan } = filter;
    return (key.startsWith(prefix) &&
        (largerThan === undefined || size > largerThan) &&
        (smallerThan === undefined || size < smallerThan));
}
/** Whether a rule asks for tags. */
export function asksForTags({ filter }) {
    return Object.keys(filter.tags).length > 0;
}
/** Whether an object's tags are among those that a rule asks for. */
export function hasTags({ filter }, tags) {
    return Object.entries(filter.tags).every(([name, value]) => tags[name] === value);
}
/** The prefixes that the rules speak of, none of them below another: what is to be listed, once. */
export function prefixesOf(rules) {
    const all = [...new Set(rules.map(({ filter }) => filter.prefix))];
    return all.filter(prefix => !all.some(other => other !== prefix && prefix.startsWith(other))).sort();
}
//# sourceMappingURL=rules.js.map