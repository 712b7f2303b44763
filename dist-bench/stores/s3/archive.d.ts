import type { Archive } from '../../core/store.js';
/**
 * How an archived object stands, by the headers of an answer (S3 API, "HeadObject"): `x-amz-restore` of one that was
 * asked back, `x-amz-archive-status` of one in the archive tiers of INTELLIGENT_TIERING. Undefined for what is no archive.
 */
export declare function archiveOf(storageClass: string | undefined, restore: string | undefined, archiveStatus: string | undefined): Archive | undefined;
