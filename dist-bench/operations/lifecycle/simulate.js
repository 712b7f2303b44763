import pLimit from 'p-limit';
import { activeProvider } from '../../config.js';
import { StorageError } from '../../core/errors.js';
import { silentLogger } from '../../core/logger.js';
import { NULL_VERSION } from '../../core/versions.js';
import { asksForTags, dueAt, isFor, prefixesOf } from '../../service/lifecycle/rules.js';
import { storePages } from '../../service/listing.js';
import { makeS3Store } from '../../service/s3-backend.js';
import { dueUpload, dueVersions } from './due-versions.js';
/** Objects that are asked for their tags at once. */
const ASKED_TOGETHER = 16;
/**
 * What rules would do to the configured bucket at a moment, as the bucket itself has it: what waits here to be brought there
 * is not in it. Objects, their old versions and delete markers come in the order of their keys, then unfinished uploads.
 * Touches nothing, and needs the memory of a page, however many objects there are.
 *
 * @throws StorageError as the bucket answers: `UNAVAILABLE`, `PERMISSION_DENIED` and so on. What came until then is no whole.
 */
export async function* simulateBucket(config, { rules, transitionMinimum }, { at, signal }) {
    const acting = rules.filter(({ enabled }) => enabled);
    const provider = activeProvider(config) === 'minio' ? 'minio' : 's3';
    const store = makeS3Store(provider, config, silentLogger, {});
    try {
        const tags = new TagsAhead(store, acting, at, signal);
        const forObjects = acting.filter(actsOnObjects);
        if (forObjects.length > 0) {
            const versioning = await versioningOf(store, signal);
            const options = {
                at,
                keepsVersions: ({ versionId }) => versioning === 'on' || (versioning === 'suspended' && versionId !== NULL_VERSION),
                transitionMinimum,
                tagsOf: (version) => tags.of(version),
            };
            for (const prefix of prefixesOf(forObjects))
                yield* dueVersions(versionsBelow(store, prefix, tags, signal), forObjects, options);
        }
        yield* dueUploads(store, acting, at, signal);
    }
    finally {
        await store.close();
    }
}
function actsOnObjects(rule) {
    const { expire, transitions, expireOldVersions, removeExpiredDeleteMarkers } = rule;
    return (expire !== undefined ||
        transitions.length > 0 ||
        expireOldVersions !== undefined ||
        removeExpiredDeleteMarkers);
}
/** A server that does not know of versions keeps none. */
async function versioningOf(store, signal) {
    try {
        return await store.versions.versioning({ signal });
    }
    catch (error) {
        if (StorageError.is(error, 'UNSUPPORTED'))
            return 'off';
        throw error;
    }
}
async function* versionsBelow(store, prefix, tags, signal) {
    let after;
    try {
        do {
            const page = await store.versions.list({ prefix, after, signal });
            tags.askFor(page.versions);
            yield* page.versions;
            after = page.next;
        } while (after !== undefined);
    }
    catch (error) {
        // A server that keeps no versions may not list them either.
        if (after !== undefined || !StorageError.is(error, 'UNSUPPORTED'))
            throw error;
        for await (const { objects } of storePages(store, { prefix, signal })) {
            for (const object of objects)
                yield { ...object, versionId: NULL_VERSION, isLatest: true, isDeleteMarker: false };
        }
    }
}
async function* dueUploads(store, rules, at, signal) {
    const acting = rules.filter(({ abortIncompleteUploads }) => abortIncompleteUploads !== undefined);
    for (const prefix of prefixesOf(acting)) {
        for await (const upload of store.unfinishedUploads(prefix, { signal })) {
            const { key, uploadId, begunAt } = upload;
            const rule = dueUpload(key, begunAt.getTime(), acting, at);
            if (rule === undefined)
                continue;
            const size = await store.bytesOfUpload(upload, { signal });
            yield { rule: rule.id, action: 'abort-upload', key, size, lastModified: begunAt, uploadId };
        }
    }
}
/** The tags of the versions of a page, several asked for at once: a request each, which nobody else tells. */
class TagsAhead {
    #store;
    #rules;
    #at;
    #signal;
    #limit = pLimit(ASKED_TOGETHER);
    #asked = new WeakMap();
    constructor(store, rules, at, signal) {
        this.#store = store;
        this.#rules = rules.filter(asksForTags);
        this.#at = at;
        this.#signal = signal;
    }
    askFor(versions) {
        if (this.#rules.length === 0)
            return;
        for (const version of versions) {
            if (version.isDeleteMarker || !this.#rules.some(rule => this.#mayAct(rule, version)))
                continue;
            // Who needs it meets its error; many of them are never needed.
            this.of(version).catch(() => { });
        }
    }
    of(version) {
        let tags = this.#asked.get(version);
        if (tags === undefined) {
            tags = this.#limit(() => this.#ask(version));
            this.#asked.set(version, tags);
        }
        return tags;
    }
    #mayAct(rule, version) {
        if (!isFor(rule, version))
            return false;
        if (!version.isLatest)
            return rule.expireOldVersions !== undefined;
        const from = version.lastModified.getTime();
        const whens = rule.expire === undefined ? rule.transitions : [rule.expire, ...rule.transitions];
        return whens.some(when => dueAt(when, from) <= this.#at);
    }
    async #ask({ key, versionId }) {
        try {
            return (await this.#store.versions.tags(key, versionId, { signal: this.#signal })) ?? {};
        }
        catch (error) {
            if (StorageError.is(error, 'NOT_FOUND'))
                return {};
            throw error;
        }
    }
}
//# sourceMappingURL=simulate.js.map