import { asksForTags, dueAt, hasTags, isFor, } from '../../service/lifecycle/rules.js';
/** Classes in the order in which S3 moves objects through them (S3 User Guide, "Transitioning objects"). */
const CLASSES = [
    'STANDARD',
    'STANDARD_IA',
    'INTELLIGENT_TIERING',
    'ONEZONE_IA',
    'GLACIER_IR',
    'GLACIER',
    'DEEP_ARCHIVE',
];
/** Smaller objects are not moved, unless a rule's filter speaks of sizes (S3 API, "TransitionDefaultMinimumObjectSize"). */
const MINIMUM_BYTES = 128 * 1024;
/**
 * What rules do to versions that come in the order of a listing, which may have any number of them: only what is known of one
 * key is in memory, and of its old versions not even that.
 */
export async function* dueVersions(versions, rules, options) {
    const acting = rules.filter(({ enabled }) => enabled);
    /** A delete marker on top of its key: whether it hides anything, the next version tells. */
    let marker;
    let newer;
    let oldOnes = 0;
    for await (const version of versions) {
        const isSameKey = newer?.key === version.key;
        if (marker !== undefined && !isSameKey)
            yield* dueMarker(marker, acting, options.at);
        marker = undefined;
        if (newer === undefined || !isSameKey || version.isLatest) {
            oldOnes = 0;
            if (version.isDeleteMarker)
                marker = version;
            else
                yield* dueObject(version, acting, options);
        }
        else {
            yield* dueOldVersion(version, newer.lastModified.getTime(), oldOnes, acting, options);
            oldOnes++;
        }
        newer = version;
    }
    if (marker !== undefined)
        yield* dueMarker(marker, acting, options.at);
}
/** What rules do to an upload that was begun and not completed. */
export function dueUpload(key, begunAt, rules, at) {
    return rules.find(({ enabled, filter, abortIncompleteUploads: abort }) => enabled && abort !== undefined && key.startsWith(filter.prefix) && dueAt(abort, begunAt) <= at);
}
/** An object under its key: what expires is not moved. */
async function* dueObject(version, rules, options) {
    const { at } = options;
    const from = version.lastModified.getTime();
    const tagsOf = onceTags(version, options);
    let move;
    for (const rule of rules) {
        const { expire, transitions } = rule;
        const expires = expire !== undefined && dueAt(expire, from) <= at;
        const to = transitions.filter(transition => dueAt(transition, from) <= at).at(-1);
        if (!(expires || to !== undefined) || !isFor(rule, version))
            continue;
        if (asksForTags(rule) && !hasTags(rule, await tagsOf()))
            continue;
        if (expires) {
            yield {
                ...itemOf(version, rule, 'expire'),
                ...(options.keepsVersions(version) && { becomesOld: true }),
            };
            return;
        }
        if (to === undefined || !isMoved(version, rule, to, options.transitionMinimum))
            continue;
        if (move === undefined || rank(to.storageClass) > rank(move.to.storageClass))
            move = { rule, to };
    }
    if (move !== undefined)
        yield { ...itemOf(version, move.rule, 'transition'), storageClass: move.to.storageClass };
}
async function* dueOldVersion(version, oldSince, newerOldOnes, rules, options) {
    const tagsOf = onceTags(version, options);
    for (const rule of rules) {
        const { expireOldVersions: old } = rule;
        if (old === undefined || newerOldOnes < (old.keepNewest ?? 0))
            continue;
        if (dueAt(old, oldSince) > options.at || !isFor(rule, version))
            continue;
        if (asksForTags(rule) && (version.isDeleteMarker || !hasTags(rule, await tagsOf())))
            continue;
        yield itemOf(version, rule, 'expire-old-version');
        return;
    }
}
/** A delete marker that hides nothing goes by a rule for those, or when it is as old as objects that expire. */
function* dueMarker(version, rules, at) {
    const from = version.lastModified.getTime();
    const rule = rules.find(candidate => {
        const { expire, removeExpiredDeleteMarkers, filter } = candidate;
        if (!version.key.startsWith(filter.prefix) || asksForTags(candidate))
            return false;
        return removeExpiredDeleteMarkers || (expire !== undefined && dueAt(expire, from) <= at);
    });
    if (rule !== undefined)
        yield itemOf(version, rule, 'remove-delete-marker');
}
function itemOf(version, rule, action) {
    const { key, size, lastModified, versionId } = version;
    return { rule: rule.id, action, key, size, lastModified, ...(versionId !== 'null' && { versionId }) };
}
/** Objects only go on in the order of the classes; a class that nobody knows here may be anywhere. */
function isMoved({ size, storageClass = 'STANDARD' }, { filter }, to, minimum) {
    const speaksOfSize = filter.largerThan !== undefined || filter.smallerThan !== undefined;
    const isArchive = to.storageClass === 'GLACIER' || to.storageClass === 'DEEP_ARCHIVE';
    const hasMinimum = minimum === 'all_storage_classes_128K' || (minimum === 'varies_by_storage_class' && !isArchive);
    if (hasMinimum && !speaksOfSize && size < MINIMUM_BYTES)
        return false;
    const isKnown = rank(storageClass) >= 0 && rank(to.storageClass) >= 0;
    return isKnown ? rank(to.storageClass) > rank(storageClass) : to.storageClass !== storageClass;
}
function rank(storageClass) {
    return CLASSES.indexOf(storageClass);
}
/** The version's tags, asked for when they are needed first. */
function onceTags(version, { tagsOf }) {
    let tags;
    return () => {
        tags ??= tagsOf(version);
        return tags;
    };
}
//# sourceMappingURL=due-versions.js.map