import pLimit from 'p-limit';
import { StorageError } from '../core/errors.js';
import { NULL_VERSION } from '../core/versions.js';
import { invalidArgument } from './arguments.js';
import { checkVersioning, everyVersion, parseScope, versionsOf } from './versions.js';
/** Versions of one request (S3 API, "DeleteObjects"). */
const BATCH = 1000;
/** Questions at once. */
const CONCURRENCY = 16;
/** @throws StorageError `UNSUPPORTED` where no versions are kept, `INVALID_KEY`, `INVALID_ARGUMENT` */
export async function purgeVersions(backend, of, options, signal) {
    const scope = parseScope('purge', of);
    const rule = parseRule(options, Date.now());
    const versions = versionsOf(backend, 'purge');
    const versioning = await checkVersioning(versions, 'purge', { signal });
    return new Purge(versions, options, signal).run(scope, { ...rule, versioning });
}
/** @throws StorageError `INVALID_ARGUMENT` */
function parseRule(options, now) {
    const { olderThanSeconds = 0, keep = 0 } = options;
    const isSeconds = typeof olderThanSeconds === 'number' && olderThanSeconds >= 0;
    if (!isSeconds || !Number.isFinite(olderThanSeconds)) {
        throw invalidArgument('purge', 'olderThanSeconds', olderThanSeconds, 'a number of seconds from 0 up');
    }
    if (!Number.isSafeInteger(keep) || keep < 0) {
        throw invalidArgument('purge', 'keep', keep, 'a whole number from 0 up');
    }
    return { before: now - olderThanSeconds * 1000, keep };
}
/**
 * Tells what may go of versions in the order of a listing, holding none of them.
 *
 * Never the current version: not even its delete marker, unless nothing is left that would come back without it.
 */
export async function* doomed(versions, rule) {
    let newer;
    let current;
    let kept = 0;
    let contents = 0;
    const markerOf = () => current?.isDeleteMarker === true &&
        kept === 0 &&
        current.lastModified.getTime() <= rule.before &&
        isFixed(current, rule)
        ? current
        : undefined;
    for await (const version of versions) {
        if (version.key !== newer?.key) {
            const marker = markerOf();
            if (marker !== undefined)
                yield { version: marker, last: true };
            newer = current = undefined;
            kept = contents = 0;
        }
        // The newest of a key is taken for the current one, whatever the listing says of it.
        if (newer === undefined || version.isLatest)
            current = version;
        else {
            if (!version.isDeleteMarker)
                contents++;
            const isKept = !version.isDeleteMarker && contents <= rule.keep;
            if (!isKept && newer.lastModified.getTime() <= rule.before && isFixed(version, rule)) {
                yield { version, last: false };
            }
            else if (!version.isDeleteMarker)
                kept++;
        }
        newer = version;
    }
    const marker = markerOf();
    if (marker !== undefined)
        yield { version: marker, last: true };
}
/** Whether the name will never be another version's. */
function isFixed({ versionId }, { versioning }) {
    return versioning === 'on' || versionId !== NULL_VERSION;
}
/** Removes old versions, and delete markers of which nothing is left. */
class Purge {
    #versions;
    #options;
    #signal;
    #limit = pLimit(CONCURRENCY);
    #failed = [];
    #failedKeys = new Set();
    #batch = [];
    #markers = [];
    #removed = 0;
    #bytes = 0;
    #deleteMarkers = 0;
    constructor(versions, options, signal) {
        this.#versions = versions;
        this.#options = options;
        this.#signal = signal;
    }
    async run(scope, rule) {
        const all = everyVersion(this.#versions, scope, this.#asked);
        for await (const { version, last } of doomed(all, rule)) {
            if (last)
                this.#markers.push(version);
            else
                this.#batch.push(version);
            if (this.#batch.length >= BATCH || this.#markers.length >= BATCH)
                await this.#flush();
        }
        await this.#flush();
        return {
            removed: this.#removed,
            bytes: this.#bytes,
            deleteMarkers: this.#deleteMarkers,
            failed: this.#failed,
        };
    }
    get #asked() {
        return { signal: this.#signal };
    }
    /** Old versions first: a marker may only go when all below it is gone. */
    async #flush() {
        const versions = this.#batch;
        const markers = this.#markers;
        this.#batch = [];
        this.#markers = [];
        await this.#remove(versions);
        if (markers.length === 0)
            return;
        const sure = this.#options.dryRun
            ? markers
            : await Promise.all(markers.map(marker => this.#limit(() => this.#isAlone(marker)))).then(alone => markers.filter((_, index) => alone[index]));
        await this.#remove(sure);
    }
    /** Whether a delete marker is all that there is of a key, at this moment: without it nothing comes back. */
    async #isAlone(marker) {
        const { key, versionId } = marker;
        if (this.#failedKeys.has(key))
            return false;
        const page = await this.#versions.list({ prefix: key, limit: 2, ...this.#asked });
        const [only, ...others] = page.versions.filter(version => version.key === key);
        return only?.versionId === versionId && others.length === 0;
    }
    async #remove(versions) {
        if (versions.length === 0)
            return;
        const unremoved = new Set();
        if (!this.#options.dryRun) {
            for (const { key, versionId, error } of await this.#versions.remove(versions, this.#asked)) {
                if (!StorageError.is(error))
                    throw error;
                this.#failed.push({ key, versionId, error });
                this.#failedKeys.add(key);
                unremoved.add(`${versionId} ${key}`);
            }
        }
        for (const version of versions) {
            if (unremoved.has(`${version.versionId} ${version.key}`))
                continue;
            this.#removed++;
            this.#bytes += version.size;
            if (version.isDeleteMarker)
                this.#deleteMarkers++;
            await this.#options.onRemoved?.(version);
        }
    }
}
//# sourceMappingURL=purge.js.map