import type { S3Client as AwsClient } from '@aws-sdk/client-s3'
import { StorageError } from '../../core/errors.js'
import { silentLogger } from '../../core/logger.js'
import { addressOf } from './address.js'
import { credentialSource } from './credentials.js'
import type { S3Options } from './options.js'

/** What administers a bucket is taken from the store's own options. */
export type AdminOptions = Pick<
  S3Options,
  'endpoint' | 'region' | 'bucket' | 'credentials' | 'forcePathStyle'
>

/**
 * Whether the bucket exists and these credentials may see it (S3 API, "HeadBucket").
 *
 * @throws StorageError `PERMISSION_DENIED`, `UNAVAILABLE`
 */
export async function bucketExists(options: AdminOptions): Promise<boolean> {
  return withClient(options, async client => {
    const { HeadBucketCommand } = await import('@aws-sdk/client-s3')
    try {
      await client.send(new HeadBucketCommand({ Bucket: options.bucket }))
      return true
    } catch (error) {
      if (statusOf(error) === 404) return false
      throw adminError('bucketExists', error)
    }
  })
}

/**
 * Creates the bucket (S3 API, "CreateBucket"). One that these credentials own already is a success.
 *
 * @throws StorageError `ALREADY_EXISTS` where somebody else owns it; `PERMISSION_DENIED`, `UNAVAILABLE`
 */
export async function createBucket(options: AdminOptions): Promise<void> {
  await withClient(options, async client => {
    const { CreateBucketCommand } = await import('@aws-sdk/client-s3')
    // us-east-1 is the one region that must not be named (S3 API, "CreateBucket", LocationConstraint).
    const named = options.endpoint === undefined && options.region !== 'us-east-1'
    const location = { CreateBucketConfiguration: { LocationConstraint: options.region as 'eu-west-1' } }
    try {
      await client.send(new CreateBucketCommand({ Bucket: options.bucket, ...(named && location) }))
    } catch (error) {
      const name = error instanceof Error ? error.name : ''
      if (name !== 'BucketAlreadyOwnedByYou') throw adminError('createBucket', error)
    }
  })
}

/**
 * The AWS SDK's client, for what is rare and not on the path of data. It is loaded here, and one client serves
 * one bucket: with its middleware cached, it would send requests to another client's.
 */
async function withClient<T>(options: AdminOptions, work: (client: AwsClient) => Promise<T>): Promise<T> {
  addressOf(options)
  const source = credentialSource(options.credentials, silentLogger)
  const { S3Client } = await import('@aws-sdk/client-s3')
  const client = new S3Client({
    region: options.region,
    ...(options.endpoint && { endpoint: options.endpoint }),
    forcePathStyle: options.forcePathStyle ?? Boolean(options.endpoint),
    credentials: async () => {
      const { accessKeyId, secretAccessKey, sessionToken } = await source.get()
      return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
    },
    // Servers that are not AWS refuse the checksums that newer SDKs add unasked.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  try {
    return await work(client)
  } finally {
    client.destroy()
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode
}

function adminError(op: string, error: unknown): StorageError {
  if (StorageError.is(error)) return error
  const name = error instanceof Error ? error.name : ''
  const status = statusOf(error)
  const code =
    name === 'BucketAlreadyExists'
      ? 'ALREADY_EXISTS'
      : status === 403
        ? 'PERMISSION_DENIED'
        : status !== undefined && status < 500
          ? 'INVALID_ARGUMENT'
          : 'UNAVAILABLE'
  return new StorageError({
    code,
    op,
    store: 's3',
    message: `The store answered ${status ?? 'nothing'} ${name} to ${op}.`,
    cause: error,
  })
}
