import type { ListOptions, StorePage } from '../../core/store.js';
import type { Ledger } from './ledger.js';
/**
 * One page of a listing (S3 API, "ListObjectsV2"). Its cost is that of what it holds: keys below a rolled-up
 * prefix are passed over without being read.
 *
 * @throws StorageError `INVALID_ARGUMENT` for a limit other than 1 to 1000
 */
export declare function listPage(ledger: Ledger, options: ListOptions, complete: boolean): StorePage;
