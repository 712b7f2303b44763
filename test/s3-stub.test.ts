import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { Client as MinioClient } from 'minio'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BucketAdmin } from '../src/stores/s3/admin.js'
import { type S3StubOptions, startS3Stub } from '../src/testing/s3-stub.js'
import { patterned } from './support/faulty-s3.js'

const MIB = 1024 * 1024

/** A stub, and Amazon's own client for it, with its default settings. */
async function open(options: S3StubOptions = {}) {
  const stub = await startS3Stub(options)
  const { endpoint } = stub
  const { accessKeyId, secretAccessKey, region } = stub.credentials
  const credentials = { accessKeyId, secretAccessKey }
  const aws = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  })
  onTestFinished(async () => {
    aws.destroy()
    await stub.close()
  })
  return { stub, aws, credentials }
}

describe('the stub', () => {
  it('serves what Amazon’s client asks, trailing checksums included', async () => {
    const { aws, stub } = await open()
    const Bucket = 'stub'
    const Key = "a b/ü+&=?#%!'()*.txt"
    const Body = patterned(100_000)
    await aws.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body,
        ContentType: 'text/plain',
        Metadata: { a: 'b' },
        Tagging: 'x=y',
      }),
    )
    const got = await aws.send(new GetObjectCommand({ Bucket, Key }))
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Body)).toBe(true)
    expect(got).toMatchObject({ ContentType: 'text/plain', Metadata: { a: 'b' }, TagCount: 1 })
    const head = await aws.send(new HeadObjectCommand({ Bucket, Key }))
    expect(head).toMatchObject({ ContentLength: Body.length, ETag: got.ETag })
    const range = await aws.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=-5' }))
    expect(await range.Body?.transformToByteArray()).toEqual(new Uint8Array(Body.subarray(-5)))
    expect((await aws.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet).toEqual([
      { Key: 'x', Value: 'y' },
    ])
    const list = await aws.send(new ListObjectsV2Command({ Bucket, Prefix: 'a b/', EncodingType: 'url' }))
    expect(list.KeyCount).toBe(1)
    expect(await aws.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }))).toBeDefined()
    await expect(aws.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NoSuchKey' })
    expect(stub.counts['PutObject']).toBe(1)
  })

  it('serves uploads in parts', async () => {
    const { aws } = await open()
    const at = { Bucket: 'stub', Key: 'large' }
    const Body = patterned(5 * MIB)
    await aws.send(new PutObjectCommand({ Bucket: 'stub', Key: 'source', Body }))
    const { UploadId } = await aws.send(new CreateMultipartUploadCommand(at))
    const first = await aws.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body }))
    const second = await aws.send(
      new UploadPartCopyCommand({
        ...at,
        UploadId,
        PartNumber: 2,
        CopySource: 'stub/source',
        CopySourceRange: 'bytes=0-9',
      }),
    )
    expect((await aws.send(new ListPartsCommand({ ...at, UploadId }))).Parts).toHaveLength(2)
    expect((await aws.send(new ListMultipartUploadsCommand({ Bucket: 'stub' }))).Uploads).toHaveLength(1)
    const Parts = [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: second.CopyPartResult?.ETag },
    ]
    const complete = { ...at, UploadId, MultipartUpload: { Parts } }
    await expect(
      aws.send(
        new CompleteMultipartUploadCommand({ ...complete, MultipartUpload: { Parts: [...Parts].reverse() } }),
      ),
    ).rejects.toMatchObject({ name: 'InvalidPartOrder' })
    await aws.send(new CompleteMultipartUploadCommand(complete))
    expect((await aws.send(new HeadObjectCommand(at))).ContentLength).toBe(5 * MIB + 10)
  })

  it('honours conditions', async () => {
    const { aws } = await open()
    const at = { Bucket: 'stub', Key: 'a', Body: 'x' }
    const { ETag } = await aws.send(new PutObjectCommand({ ...at, IfNoneMatch: '*' }))
    const failed = { $metadata: { httpStatusCode: 412 } }
    await expect(aws.send(new PutObjectCommand({ ...at, IfNoneMatch: '*' }))).rejects.toMatchObject(failed)
    await expect(aws.send(new PutObjectCommand({ ...at, IfMatch: '"1"' }))).rejects.toMatchObject(failed)
    await aws.send(new PutObjectCommand({ ...at, IfMatch: ETag }))
    await expect(aws.send(new PutObjectCommand({ ...at, Key: 'b', IfMatch: ETag }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    })
  })

  it('refuses wrong signatures, keys, regions, clocks, payloads and checksums', async () => {
    const { stub, credentials } = await open()
    const { endpoint } = stub
    const put = async (options: object, command: object = {}) => {
      const client = new S3Client({
        endpoint,
        region: 'us-east-1',
        credentials,
        forcePathStyle: true,
        maxAttempts: 1,
        ...options,
      })
      try {
        await client.send(new PutObjectCommand({ Bucket: 'stub', Key: 'a', Body: 'x', ...command }))
        return 'taken'
      } catch (error) {
        return (error as Error).name
      } finally {
        client.destroy()
      }
    }
    expect(await put({})).toBe('taken')
    expect(await put({ credentials: { ...credentials, secretAccessKey: 'x' } })).toBe('SignatureDoesNotMatch')
    expect(await put({ credentials: { ...credentials, accessKeyId: 'x' } })).toBe('InvalidAccessKeyId')
    expect(await put({ region: 'eu-central-1' })).toBe('AuthorizationHeaderMalformed')
    expect(await put({ systemClockOffset: 3_600_000 })).toBe('RequestTimeTooSkewed')
    expect(await put({}, { ChecksumCRC32: 'AAAAAA==' })).toBe('BadDigest')
    expect(await put({}, { ChecksumSHA256: Buffer.alloc(32).toString('base64') })).toBe('BadDigest')
    expect((await fetch(`${endpoint}/stub/a`)).status).toBe(403)
  })

  it('serves minio’s client', async () => {
    const { stub } = await open()
    const { accessKeyId: accessKey, secretAccessKey: secretKey, region } = stub.credentials
    const minio = new MinioClient({
      endPoint: '127.0.0.1',
      port: stub.port,
      useSSL: false,
      accessKey,
      secretKey,
      region,
    })
    await minio.putObject('stub', 'a b', Buffer.from('hello'))
    const url = await minio.presignedGetObject('stub', 'a b', 60)
    expect(await (await fetch(url)).text()).toBe('hello')
    await minio.removeObject('stub', 'a b')
    await expect(minio.statObject('stub', 'a b')).rejects.toThrow()
  })

  it('has buckets to administer', async () => {
    const { stub } = await open()
    const { endpoint, credentials } = stub
    const options = { endpoint, credentials, region: 'us-east-1', bucket: 'new-bucket' }
    const admin = new BucketAdmin(options)
    expect(await admin.exists()).toBe(false)
    expect(await admin.create()).toBe(true)
    expect(await admin.create()).toBe(false)
    expect(await admin.exists()).toBe(true)
    const stranger = new BucketAdmin({ ...options, credentials: { ...credentials, secretAccessKey: 'x' } })
    await expect(stranger.exists()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await stranger.close()
    await stub.goDown()
    await expect(admin.exists()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await admin.close()
  })
})
