import type { StorageConfig } from '../config.js';
import type { Logger } from '../core/logger.js';
import type { S3Options } from '../stores/s3/options.js';
import type { ProfileData } from '../stores/s3/profile.js';
import { S3Store } from '../stores/s3/store.js';
import type { BareBackend } from './backend.js';
/** Opens a bucket as the store, without a net. The network is not touched before the first operation. */
export declare function openS3Backend(provider: 's3' | 'minio', config: StorageConfig, logger: Logger, create: boolean): Promise<BareBackend>;
/** The configured bucket. @param profile what is known of its endpoint */
export declare function makeS3Store(provider: 's3' | 'minio', config: StorageConfig, logger: Logger, { deadlines, ...more }: Pick<S3Options, 'uploads' | 'stamps' | 'retry' | 'deadlines'>, profile?: ProfileData): S3Store;
/** The configured bucket, and who asks for it. */
export declare function bucketOptions(config: StorageConfig): Pick<S3Options, 'endpoint' | 'region' | 'bucket' | 'credentials' | 'forcePathStyle'>;
