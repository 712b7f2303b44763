import { childOf, formatElement, groupElement, textElement, } from '../../stores/s3/xml-element.js';
/** The rule as S3 takes it (S3 API, "LifecycleRule"). */
export function toXml(rule) {
    const { id, enabled, filter, expire, transitions, abortIncompleteUploads, expireOldVersions } = rule;
    const parts = [
        textElement('ID', id),
        filterElement(conditionsOf(filter)),
        textElement('Status', enabled ? 'Enabled' : 'Disabled'),
    ];
    if (expire !== undefined)
        parts.push(groupElement('Expiration', [momentElement(expire)]));
    if (rule.removeExpiredDeleteMarkers)
        parts.push(groupElement('Expiration', [textElement('ExpiredObjectDeleteMarker', 'true')]));
    for (const transition of transitions)
        parts.push(groupElement('Transition', [
            momentElement(transition),
            textElement('StorageClass', transition.storageClass),
        ]));
    if (expireOldVersions !== undefined) {
        const { afterDays, keepNewest } = expireOldVersions;
        const kept = keepNewest === undefined ? [] : [textElement('NewerNoncurrentVersions', keepNewest)];
        parts.push(groupElement('NoncurrentVersionExpiration', [textElement('NoncurrentDays', afterDays), ...kept]));
    }
    if (abortIncompleteUploads !== undefined)
        parts.push(groupElement('AbortIncompleteMultipartUpload', [
            textElement('DaysAfterInitiation', abortIncompleteUploads.afterDays),
        ]));
    return groupElement('Rule', parts);
}
/** Reads a rule of a bucket, as far as it is known here. */
export function fromXml(element) {
    const unknown = [];
    const transitions = [];
    const rule = {
        id: idOf(element),
        enabled: childOf(element, 'Status')?.text === 'Enabled',
        filter: { prefix: '', tags: {} },
        transitions,
        removeExpiredDeleteMarkers: false,
    };
    for (const part of element.children) {
        const numbers = Object.fromEntries(part.children.map(({ name, text }) => [name, Number(text)]));
        switch (part.name) {
            case 'ID':
            case 'Status':
                break;
            case 'Prefix':
            case 'Filter':
                rule.filter = readFilter(element, unknown);
                break;
            case 'Expiration':
                readExpiration(part, rule, unknown);
                break;
            case 'Transition': {
                const when = momentOf(part);
                const storageClass = childOf(part, 'StorageClass')?.text;
                if (when === undefined || storageClass === undefined)
                    unknown.push(part.name);
                else
                    transitions.push({ ...when, storageClass });
                break;
            }
            case 'NoncurrentVersionExpiration': {
                const { NoncurrentDays: afterDays, NewerNoncurrentVersions: keepNewest } = numbers;
                rule.expireOldVersions = {
                    afterDays: afterDays ?? 0,
                    ...(keepNewest !== undefined && { keepNewest }),
                };
                break;
            }
            case 'AbortIncompleteMultipartUpload': {
                const { DaysAfterInitiation: afterDays } = numbers;
                if (afterDays === undefined)
                    unknown.push(part.name);
                else
                    rule.abortIncompleteUploads = { afterDays };
                break;
            }
            default:
                unknown.push(part.name);
        }
    }
    transitions.sort((a, b) => orderOf(a) - orderOf(b));
    return { rule, unknown: [...new Set(unknown)] };
}
/** The rule's id; empty where it has none. */
export function idOf(rule) {
    return childOf(rule, 'ID')?.text ?? '';
}
/**
 * A rule as it is to be given back to the server that it came from. Ceph 16 answers with conditions beside `And`, and where it
 * is given them like that it passes the prefix over: the rule would be for every file. All of them belong into `And`.
 */
export function toGiveBack(rule) {
    const isBent = (childOf(rule, 'Filter')?.children.length ?? 0) > 1;
    if (!isBent)
        return rule;
    const children = rule.children.map(part => part.name === 'Filter' ? filterElement(conditionsIn(rule)) : part);
    return groupElement('Rule', children);
}
/** The rule, but put out of action. */
export function disabled(rule) {
    const children = rule.children.map(part => part.name === 'Status' ? textElement('Status', 'Disabled') : part);
    return groupElement('Rule', children);
}
/** What a rule means, as a text that two rules share if and only if they mean the same, in whatever order and form. */
export function meaningOf(rule) {
    const conditions = conditionsIn(rule).filter(({ name, text }) => name !== 'Prefix' || text !== '');
    const parts = rule.children.filter(({ name }) => name !== 'Prefix' && name !== 'Filter').flatMap(plainForm);
    return [...conditions, ...parts].map(formatElement).sort().join('');
}
/** An element with all that is in it in order, and days without their midnight; what says nothing is left out. */
function plainForm(element) {
    const { name, text, children } = element;
    if (name === 'ExpiredObjectDeleteMarker' && text === 'false')
        return [];
    if (name === 'Date')
        return [textElement(name, dayOf(text))];
    if (children.length === 0)
        return [textElement(name, text.trim())];
    const inner = children.flatMap(plainForm);
    if (inner.length === 0)
        return [];
    return [
        groupElement(name, inner.sort((a, b) => (formatElement(a) < formatElement(b) ? -1 : 1))),
    ];
}
function conditionsOf({ prefix, tags, largerThan, smallerThan }) {
    return [
        ...(prefix === '' ? [] : [textElement('Prefix', prefix)]),
        ...Object.entries(tags).map(([name, value]) => groupElement('Tag', [textElement('Key', name), textElement('Value', value)])),
        ...(largerThan === undefined ? [] : [textElement('ObjectSizeGreaterThan', largerThan)]),
        ...(smallerThan === undefined ? [] : [textElement('ObjectSizeLessThan', smallerThan)]),
    ];
}
function filterElement(conditions) {
    if (conditions.length === 0)
        return groupElement('Filter', [textElement('Prefix', '')]);
    return groupElement('Filter', conditions.length === 1 ? conditions : [groupElement('And', conditions)]);
}
/** The conditions of a rule, wherever they stand: below the rule (as they did once), in its filter, or in `And`. */
function conditionsIn(rule) {
    const filter = childOf(rule, 'Filter')?.children ?? [];
    const below = rule.children.filter(({ name }) => name === 'Prefix');
    return [...below, ...filter.flatMap(part => (part.name === 'And' ? part.children : [part]))];
}
function readFilter(rule, unknown) {
    let filter = { prefix: '', tags: {} };
    for (const condition of conditionsIn(rule)) {
        const { name, text } = condition;
        if (name === 'Prefix')
            filter = { ...filter, prefix: text };
        else if (name === 'Tag') {
            const [key, value] = [childOf(condition, 'Key')?.text ?? '', childOf(condition, 'Value')?.text ?? ''];
            filter = { ...filter, tags: { ...filter.tags, [key]: value } };
        }
        else if (name === 'ObjectSizeGreaterThan')
            filter = { ...filter, largerThan: Number(text) };
        else if (name === 'ObjectSizeLessThan')
            filter = { ...filter, smallerThan: Number(text) };
        else
            unknown.push(name);
    }
    return filter;
}
function readExpiration(part, rule, unknown) {
    const when = momentOf(part);
    if (when !== undefined)
        rule.expire = when;
    for (const { name, text } of part.children) {
        if (name === 'ExpiredObjectDeleteMarker')
            rule.removeExpiredDeleteMarkers ||= text === 'true';
        else if (name !== 'Days' && name !== 'Date')
            unknown.push(name);
    }
}
function momentElement(when) {
    return 'on' in when ? textElement('Date', `${when.on}T00:00:00Z`) : textElement('Days', when.afterDays);
}
function momentOf(part) {
    const date = childOf(part, 'Date')?.text;
    if (date !== undefined)
        return { on: dayOf(date) };
    const days = childOf(part, 'Days')?.text;
    return days === undefined ? undefined : { afterDays: Number(days) };
}
function dayOf(date) {
    const time = Date.parse(date);
    return Number.isNaN(time) ? date : new Date(time).toISOString().slice(0, 10);
}
function orderOf(when) {
    return 'on' in when ? Date.parse(when.on) : when.afterDays;
}
//# sourceMappingURL=rule-xml.js.map