import type { StorageConfig } from '../../config.js';
import { type Key } from '../../core/key.js';
import { type Address } from '../../stores/s3/address.js';
import { S3Client } from '../../stores/s3/client.js';
import type { S3Store } from '../../stores/s3/store.js';
/** A bucket under examination. */
export declare class BucketPatient {
    #private;
    readonly config: StorageConfig;
    readonly address: Address;
    readonly store: S3Store;
    /** For requests that the store itself never makes. */
    readonly client: S3Client;
    readonly signal: AbortSignal | undefined;
    readonly deadlineMs: number;
    /** Its clock less ours, in milliseconds, once it was heard. */
    skewMs: number | undefined;
    /** What its keys begin with. */
    readonly prefix: Key;
    /** @throws StorageError `CONFIG_INVALID` */
    constructor(provider: 's3' | 'minio', config: StorageConfig, signal: AbortSignal | undefined);
    /** A key that nobody else uses; what is under it is removed in the end. */
    readonly scratch: (name: string) => Key;
    /** What the first signed request to the bucket fails with; undefined if it is answered. Asked once. */
    firstAnswer(): Promise<unknown>;
    /** Removes what was written, its versions as well, as far as that may be done. */
    leave(): Promise<void>;
}
