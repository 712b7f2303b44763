import { deleteVersion } from './delete.js';
import { headStored } from './head.js';
import { listVersions } from './versions.js';
/**
 * Removes versions that are there twice because one write was carried out twice: an attempt without an answer, and
 * its repetition. Of each write the newest version stays, and so does every write. Looks at the newest thousand.
 *
 * @returns how many were removed
 */
export async function removeSurplusVersions(context, key, options = {}) {
    const { signal } = options;
    // Keys that only begin with this one come after it.
    const page = await listVersions(context, { prefix: key, signal });
    const versions = page.versions.filter(version => version.key === key && !version.isDeleteMarker);
    const kept = new Set();
    let removed = 0;
    for (const { versionId, etag, size } of versions) {
        // The same write has the same bytes, and so the same ETag; only those are asked for their write.
        if (versions.filter(other => other.etag === etag && other.size === size).length < 2)
            continue;
        const { writeId } = (await headStored(context, key, options, 'head', versionId)).stat;
        if (writeId === undefined)
            continue;
        if (kept.has(writeId)) {
            await deleteVersion(context, key, versionId, options);
            removed++;
        }
        else
            kept.add(writeId);
    }
    return removed;
}
//# sourceMappingURL=surplus-versions.js.map