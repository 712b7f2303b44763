import type { S3Store } from '../stores/s3/store.js';
import type { Primary } from './primary.js';
/** A bucket as the store that failover stands in for. @param endpoint scheme, host and port; names it for ever */
export declare function s3Primary(store: S3Store, endpoint: string): Primary;
