import type { StorageConfig } from '../../src/config.js'
import type { S3Stub } from '../../src/testing/s3-stub.js'

/** What a service over a bucket needs to know of it. */
export interface BucketAccess {
  readonly endpoint: string
  readonly bucket: string
  readonly accessKey: string
  readonly secretKey: string
  readonly region?: string
}

/** How a bucket of the stub is reached, at its own endpoint or at that of something in front of it. */
export function accessOf(
  stub: Pick<S3Stub, 'endpoint' | 'credentials'>,
  { endpoint = stub.endpoint, bucket = 'stub' }: { endpoint?: string; bucket?: string } = {},
): BucketAccess {
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = stub.credentials
  return { endpoint, bucket, accessKey, secretKey }
}

/** The settings by which a service finds the bucket. */
export function settingsOf(access: BucketAccess): Partial<StorageConfig> {
  return {
    objectStorageEnabled: true,
    objectStorageProvider: 'minio',
    objectStorageEndpoint: access.endpoint,
    objectStorageRegion: access.region ?? 'us-east-1',
    objectStorageBucket: access.bucket,
    objectStorageAccessKey: access.accessKey,
    objectStorageSecretKey: access.secretKey,
  }
}

/** {@link settingsOf} as a child process reads them. */
export function environmentOf(access: BucketAccess): Record<string, string> {
  return {
    OBJECT_STORAGE_ENABLED: 'true',
    OBJECT_STORAGE_PROVIDER: 'minio',
    OBJECT_STORAGE_ENDPOINT: access.endpoint,
    OBJECT_STORAGE_REGION: access.region ?? 'us-east-1',
    OBJECT_STORAGE_BUCKET: access.bucket,
    OBJECT_STORAGE_ACCESS_KEY: access.accessKey,
    OBJECT_STORAGE_SECRET_KEY: access.secretKey,
  }
}
