import { formatBytes } from '../../config.js';
/** What a rule is for, in words: `files below uploads/temp/, tagged kind=draft, larger than 1024 bytes`. */
export function filterText({ filter }) {
    const { prefix, tags, largerThan, smallerThan } = filter;
    const conditions = [prefix === '' ? 'all files' : prefix];
    for (const [name, value] of Object.entries(tags))
        conditions.push(`tagged ${name}=${value}`);
    if (largerThan !== undefined)
        conditions.push(`larger than ${bytesText(largerThan)}`);
    if (smallerThan !== undefined)
        conditions.push(`smaller than ${bytesText(smallerThan)}`);
    return conditions.join(', ');
}
/** What a rule does, in words: `expire after 7 days; abort uploads after 1 day`. */
export function actionsText(rule) {
    const { expire, transitions, abortIncompleteUploads, expireOldVersions } = rule;
    const actions = [];
    for (const transition of transitions)
        actions.push(`to ${transition.storageClass} ${whenText(transition)}`);
    if (expire !== undefined)
        actions.push(`expire ${whenText(expire)}`);
    if (expireOldVersions !== undefined) {
        const { keepNewest } = expireOldVersions;
        const kept = keepNewest === undefined ? '' : ` but for the newest ${keepNewest}`;
        actions.push(`expire old versions ${whenText(expireOldVersions)}${kept}`);
    }
    if (rule.removeExpiredDeleteMarkers)
        actions.push('remove expired delete markers');
    if (abortIncompleteUploads !== undefined)
        actions.push(`abort uploads ${whenText(abortIncompleteUploads)}`);
    return actions.join('; ');
}
function whenText(when) {
    if ('on' in when)
        return `on ${when.on}`;
    return `after ${when.afterDays} ${when.afterDays === 1 ? 'day' : 'days'}`;
}
function bytesText(bytes) {
    const text = formatBytes(bytes);
    return text === String(bytes) ? `${text} bytes` : text;
}
//# sourceMappingURL=wording.js.map