import { randomUUID } from 'node:crypto'
import {
  CreateMultipartUploadCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { completeConfig } from '../src/config.js'
import { Bucket } from '../src/operations/bucket.js'
import { startS3Stub } from '../src/testing/s3-stub.js'
import { openBucket } from './support/bucket.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'
import { describeReal } from './support/real-server.js'

describeReal('the bucket of a suite', server => {
  test('goes with all that is in it, where it is our own', async () => {
    const { bucket, prefix, client, remove } = await openBucket(server)
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )
    for (const Body of ['one', 'two']) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}key`, Body }))
    }
    await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: `${prefix}upload` }))
    await remove()
    const fresh = await openBucket(server)
    await expect(fresh.client.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toThrow()
    await fresh.remove()
  })

  test('stays, with what others have in it, where it was given', async () => {
    const own = await openBucket(server)
    const other = `other-${randomUUID()}`
    await own.client.send(new PutObjectCommand({ Bucket: own.bucket, Key: own.prefix + other, Body: 'x' }))
    const given = await openBucket({ ...server, bucket: own.bucket })
    const key = `${given.prefix}key`
    await given.client.send(new PutObjectCommand({ Bucket: own.bucket, Key: key, Body: 'x' }))
    await given.remove()
    const { Contents } = await own.client.send(new ListObjectsV2Command({ Bucket: own.bucket }))
    const keys = Contents?.map(({ Key }) => Key)
    expect(keys).toContain(own.prefix + other)
    expect(keys).not.toContain(key)
    await own.remove()
  })
})

test('a bucket whose server says nothing is given up on, and not waited for', async () => {
  const stub = await startS3Stub()
  stub.fault = () => ({ stall: 'before-headers' })
  const config = completeConfig({ ...settingsOf(accessOf(stub)), objectStorageFirstByteTimeoutMs: 200 })
  const bucket = new Bucket(config)
  await expect(bucket.setup()).rejects.toMatchObject({ code: 'TIMEOUT' })
  await bucket.close()
  await stub.close()
})
