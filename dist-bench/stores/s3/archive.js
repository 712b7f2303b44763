import { isArchiveClass } from '../../core/storage-class.js';
import { parseDate } from './answer-headers.js';
/**
 * How an archived object stands, by the headers of an answer (S3 API, "HeadObject"): `x-amz-restore` of one that was
 * asked back, `x-amz-archive-status` of one in the archive tiers of INTELLIGENT_TIERING. Undefined for what is no archive.
 */
export function archiveOf(storageClass, restore, archiveStatus) {
    if (restore?.includes('ongoing-request="true"') === true)
        return { state: 'thawing' };
    if (restore?.includes('ongoing-request="false"') === true) {
        const until = parseDate(/expiry-date="([^"]+)"/.exec(restore)?.[1]);
        return { state: 'thawed', ...(until !== undefined && { until: new Date(until) }) };
    }
    return archiveStatus !== undefined || isArchiveClass(storageClass) ? { state: 'archived' } : undefined;
}
//# sourceMappingURL=archive.js.map