import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { StorageError, throwIfAborted } from '../../core/errors.js';
import { storePages } from '../listing.js';
import { asksForTags, dueAt, hasTags, isFor, prefixesOf } from './rules.js';
/** Files looked at before the event loop gets a turn. */
const PAGE = 250;
const DELETES_TOGETHER = 8;
/**
 * The files that the rules let go, page by page, in the order of their keys. Only `expire` has a meaning here: a folder has no
 * storage classes, keeps no old versions, and what is left of uploads that were cut off goes by itself.
 *
 * @throws StorageError `UNAVAILABLE` as soon as a listing is not complete
 */
export async function* dueFiles(store, rules, { at, signal }) {
    const acting = rules.filter(({ enabled, expire }) => enabled && expire !== undefined);
    for (const prefix of prefixesOf(acting)) {
        for await (const page of storePages(store, { prefix, limit: PAGE, signal })) {
            if (!page.complete) {
                const message = 'Not all local files are known yet, or the object store that some are in is away: no rule acts on a part of them.';
                throw new StorageError({ code: 'UNAVAILABLE', op: 'lifecycle', store: 'local', message });
            }
            const due = [];
            for (const object of page.objects) {
                const rule = await ruleFor(store, acting, object, at, signal);
                if (rule !== undefined)
                    due.push({ ...object, rule: rule.id });
            }
            yield due;
        }
    }
}
/**
 * Removes the files that the rules let go; each only as it was listed, so a file that was stored anew meanwhile stays.
 *
 * @throws StorageError as {@link dueFiles}
 */
export async function expireFiles(store, rules, options) {
    const { signal, gentle, onPage, onRemoved, onFailed } = options;
    const limit = pLimit(DELETES_TOGETHER);
    const tallies = {};
    let [files, bytes, failed] = [0, 0, 0];
    const remove = async (file) => {
        try {
            const { key, etag, size, rule } = file;
            if (!(await store.delete(key, { ifMatch: etag, signal })))
                return;
            const tally = tallies[rule] ?? { files: 0, bytes: 0 };
            tallies[rule] = { files: tally.files + 1, bytes: tally.bytes + size };
            files++;
            bytes += size;
            await onRemoved?.(file);
        }
        catch (error) {
            // Somebody was faster: it is another file by now, or none.
            if (StorageError.is(error, 'PRECONDITION_FAILED') || StorageError.is(error, 'NOT_FOUND'))
                return;
            if (!StorageError.is(error) || StorageError.is(error, 'ABORTED'))
                throw error;
            failed++;
            onFailed?.(file, error);
        }
    };
    let began = performance.now();
    for await (const due of dueFiles(store, rules, options)) {
        await Promise.all(due.map(file => limit(remove, file)));
        await onPage?.();
        throwIfAborted(signal, 'lifecycle');
        if (gentle === true)
            await sleep(performance.now() - began, undefined, { ref: false, signal }).catch(() => { });
        throwIfAborted(signal, 'lifecycle');
        began = performance.now();
    }
    return { rules: tallies, files, bytes, failed };
}
/** The first rule that lets the object go at that moment. */
async function ruleFor(store, rules, object, at, signal) {
    let tags;
    for (const rule of rules) {
        if (!isFor(rule, object) || rule.expire === undefined)
            continue;
        if (dueAt(rule.expire, object.lastModified.getTime()) > at)
            continue;
        if (asksForTags(rule)) {
            tags ??= await tagsOf(store, object, signal);
            if (!hasTags(rule, tags))
                continue;
        }
        return rule;
    }
    return undefined;
}
/** The tags of the object as it was listed; none if it is another by now, or cannot be read. */
async function tagsOf(store, { key, etag }, signal) {
    try {
        const stat = await store.head(key, { signal });
        return stat.etag === etag ? (stat.tags ?? {}) : {};
    }
    catch (error) {
        if (StorageError.is(error, 'NOT_FOUND') || StorageError.is(error, 'INTEGRITY'))
            return {};
        throw error;
    }
}
//# sourceMappingURL=local-files.js.map