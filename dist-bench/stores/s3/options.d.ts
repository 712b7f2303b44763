import type { Logger } from '../../core/logger.js';
import type { Stamp, StampClock } from '../../core/stamp.js';
import type { CredentialsOption } from './credentials.js';
import type { Deadlines } from './deadlines.js';
import type { RetryPolicy } from './retry.js';
import type { UploadLog } from './upload-log.js';
/** What an {@link S3Store} is made of. */
export interface S3Options {
    /** URL of an S3-compatible server; AWS unless given. */
    readonly endpoint?: string | undefined;
    readonly region: string;
    readonly bucket: string;
    /** A fixed key, a provider, or undefined (also empty strings) for the AWS default chain. */
    readonly credentials?: CredentialsOption;
    /** Addresses the bucket by path. By default a custom endpoint is, and AWS is addressed by host name. */
    readonly forcePathStyle?: boolean | undefined;
    /** The endpoint as browsers reach it, for URLs; the endpoint itself unless given. */
    readonly publicEndpoint?: string | undefined;
    /** As the configuration names it; nothing depends on it but what people are shown. */
    readonly provider?: 's3' | 'minio' | undefined;
    readonly deadlines?: Partial<Deadlines> | undefined;
    readonly retry?: Partial<RetryPolicy> | undefined;
    /** Requests under way at once; 64 unless given. A download is none once its answer has begun. */
    readonly connections?: number | undefined;
    /** Parts of one upload that are on their way at once; 2 unless given. */
    readonly concurrency?: number | undefined;
    /** Bytes of a part, 5 MiB to 5 GiB; 8 MiB unless given. An upload holds `concurrency + 1` parts in memory. */
    readonly partSize?: number | undefined;
    readonly logger?: Logger | undefined;
    /** Where stamps come from; a clock of the store's own unless given. */
    readonly stamps?: Pick<StampClock, 'next'> | (() => Stamp) | undefined;
    /** Where multipart uploads under way are remembered, so that none is left behind by a crash. */
    readonly uploads?: UploadLog | undefined;
}
