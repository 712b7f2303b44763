import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import type { RealServer } from './real-server.js'

/** Where one suite may write on the real server. */
export interface TestBucket {
  readonly bucket: string
  /** What the suite's keys begin with: `''` in a bucket of its own, else a folder that nobody else uses. */
  readonly prefix: string
  /** Amazon's own client of that server: to do and to see what Holdfast does not. */
  readonly client: S3Client
  /** Removes all that is below the prefix, unfinished uploads and old versions included, and a bucket of our own. */
  remove(): Promise<void>
}

/** A bucket for one suite: a new one, or a folder of the one that HOLDFAST_TEST_S3_BUCKET names. */
export async function openBucket(server: RealServer): Promise<TestBucket> {
  const client = new S3Client({
    endpoint: server.endpoint,
    region: server.region,
    forcePathStyle: true,
    credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const name = `holdfast-test-${randomUUID()}`
  const isOurs = server.bucket === undefined
  const bucket = server.bucket ?? name
  const prefix = isOurs ? '' : `${name}/`
  if (isOurs) await client.send(new CreateBucketCommand({ Bucket: bucket }))
  return {
    bucket,
    prefix,
    client,
    remove: async () => {
      await removeUploads(client, bucket, prefix)
      await removeVersions(client, bucket, prefix)
      if (isOurs) await client.send(new DeleteBucketCommand({ Bucket: bucket }))
      client.destroy()
    },
  }
}

async function removeUploads(client: S3Client, Bucket: string, Prefix: string): Promise<void> {
  const uploads = async () =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }))).Uploads ?? []
  for (let page = await uploads(); page.length > 0; page = await uploads()) {
    for (const { Key, UploadId } of page) {
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    }
  }
}

/** Removes all versions below a prefix. */
export async function removeVersions(client: S3Client, Bucket: string, Prefix: string): Promise<void> {
  const versions = async () => {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix }))
    return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]
  }
  for (let page = await versions(); page.length > 0; page = await versions()) {
    for (const { Key, VersionId } of page) {
      await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
    }
  }
}
