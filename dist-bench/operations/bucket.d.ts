import { type StorageConfig } from '../config.js';
import type { Versioning } from '../core/versions.js';
import { type CorsRule } from '../stores/s3/admin.js';
/** How a bucket is set up. What the server does not know is `unsupported`, and what these credentials may not see `denied`. */
export interface BucketSetup {
    readonly bucket: string;
    readonly endpoint?: string;
    readonly publicAccess: 'blocked' | 'possible' | 'unsupported' | 'denied';
    readonly versioning: Versioning | 'unsupported' | 'denied';
    readonly cors: readonly CorsRule[] | 'unsupported' | 'denied';
}
export interface CreateBucketOptions {
    /** Keep the versions of objects. */
    readonly versioning?: boolean | undefined;
    /** Leave it to policies and ACLs who may read, the public included. */
    readonly allowPublic?: boolean | undefined;
}
/** What {@link Bucket.create} came to. */
export interface CreatedBucket {
    readonly bucket: string;
    /** False if it was there already. */
    readonly created: boolean;
    /** `unsupported`: the server has no such block; its buckets are private unless somebody opens them. */
    readonly publicAccess: BucketSetup['publicAccess'];
    readonly versioning: BucketSetup['versioning'];
}
/** The configured bucket, to be set up. Every method throws what the {@link BucketAdmin} throws. */
export declare class Bucket {
    #private;
    /** @throws StorageError `CONFIG_INVALID` where no object storage is configured */
    constructor(config: StorageConfig);
    /** @throws StorageError `NO_SUCH_BUCKET` */
    setup(): Promise<BucketSetup>;
    /** Makes the bucket if it is not there, and shuts the public out. Doing it again changes nothing. */
    create(options?: CreateBucketOptions): Promise<CreatedBucket>;
    setVersioning(on: boolean): Promise<void>;
    /**
     * Lets pages of these origins read and write by presigned URLs. Rules of others stay as they are; our own is
     * replaced.
     *
     * @param origins such as `https://chat.example`; none removes our rule
     * @returns all rules of the bucket
     * @throws StorageError `INVALID_ARGUMENT`
     */
    allowOrigins(origins: readonly string[]): Promise<readonly CorsRule[]>;
    close(): Promise<void>;
}
