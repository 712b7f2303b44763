import type { Versioning } from '../../core/versions.js';
import type { S3Options } from './options.js';
/** What administers a bucket is taken from the store's own options. */
export type AdminOptions = Pick<S3Options, 'endpoint' | 'region' | 'bucket' | 'credentials' | 'forcePathStyle'>;
/** A rule that lets pages of other origins use the bucket (S3 API, "CORSRule"). */
export interface CorsRule {
    readonly id?: string | undefined;
    readonly origins: readonly string[];
    readonly methods: readonly string[];
    readonly headers: readonly string[];
    readonly exposedHeaders: readonly string[];
    readonly maxAgeSeconds?: number | undefined;
}
/**
 * Sets up a bucket, with the AWS SDK's client: what is rare and not on the path of data. The SDK is loaded with the
 * first call, and one client serves one bucket: with its middleware cached, it would send requests to another
 * client's. Every method throws a StorageError: `PERMISSION_DENIED`, `NO_SUCH_BUCKET`, `UNAVAILABLE`, and
 * `UNSUPPORTED` where the server does not know what is asked.
 */
export declare class BucketAdmin {
    #private;
    readonly bucket: string;
    constructor(options: AdminOptions);
    /** Whether the bucket exists and these credentials may see it (S3 API, "HeadBucket"). */
    exists(): Promise<boolean>;
    /**
     * Creates the bucket (S3 API, "CreateBucket"). One that these credentials own already is a success.
     *
     * @returns whether it was not there before, as far as the server tells
     * @throws StorageError `ALREADY_EXISTS` where somebody else owns it
     */
    create(): Promise<boolean>;
    /**
     * Shuts the public out, whatever policies and ACLs say (S3 API, "PutPublicAccessBlock").
     *
     * @param refuseAcls also refuse uploads that come with a public ACL; else such an ACL has no effect
     */
    blockPublicAccess(refuseAcls?: boolean): Promise<void>;
    /** Whether the public is shut out, whatever policies and ACLs say (S3 API, "GetPublicAccessBlock"). */
    isPublicAccessBlocked(): Promise<boolean>;
    /** S3 API, "GetBucketVersioning". */
    versioning(): Promise<Versioning>;
    /** S3 API, "PutBucketVersioning". What was once on can only be suspended: the versions that there are stay. */
    setVersioning(on: boolean): Promise<void>;
    /** S3 API, "GetBucketCors". */
    cors(): Promise<CorsRule[]>;
    /** Replaces all rules (S3 API, "PutBucketCors"); none removes them ("DeleteBucketCors"). */
    setCors(rules: readonly CorsRule[]): Promise<void>;
    /** Ends what the client holds open. */
    close(): Promise<void>;
}
