import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { BucketAdmin } from '../src/stores/s3/admin.js'
import type { S3Options } from '../src/stores/s3/options.js'
import { S3Store } from '../src/stores/s3/store.js'
import { openBucket, type TestBucket } from './support/bucket.js'
import { bytesOf, codeOf, everyOperation, failureOf, key, patterned, put } from './support/faulty-s3.js'
import { describeCeph, describeReal, type RealServer } from './support/real-server.js'

const MIB = 1024 * 1024

function openStore(server: RealServer, bucket: string, options: Partial<S3Options> = {}): S3Store {
  const store = new S3Store({
    endpoint: server.endpoint,
    region: server.region,
    bucket,
    credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
    retry: { attempts: 1 },
    ...options,
  })
  onTestFinished(() => store.close())
  return store
}

describeReal('the S3 store on a real server', server => {
  let place: TestBucket
  beforeAll(async () => {
    place = await openBucket(server)
  })
  afterAll(() => place.remove())
  afterEach(() => void vi.restoreAllMocks())
  const name = (text: string): string => place.prefix + text

  it('tells what is wrong with credentials and bucket', async () => {
    const { accessKey: accessKeyId, secretKey: secretAccessKey } = server
    const stranger = { credentials: { accessKeyId: 'nobody', secretAccessKey } }
    const forger = { credentials: { accessKeyId, secretAccessKey: 'wrong' } }
    const elsewhere = `holdfast-missing-${Date.now()}`
    await openStore(server, place.bucket).probe()
    for (const run of Object.values(everyOperation(openStore(server, place.bucket, stranger)))) {
      expect(await codeOf(run())).toBe('UNAUTHENTICATED')
    }
    for (const run of Object.values(everyOperation(openStore(server, place.bucket, forger)))) {
      expect(await codeOf(run())).toBe('UNAUTHENTICATED')
    }
    for (const run of Object.values(everyOperation(openStore(server, elsewhere)))) {
      expect(await codeOf(run())).toBe('NO_SUCH_BUCKET')
    }
  })

  it.each([3_600_000, -16 * 60_000])('is right with a clock that is off by %i ms', async offset => {
    const store = openStore(server, place.bucket)
    const now = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => now() + offset)
    await put(store, name('clock'), Buffer.from('x'))
    expect((await bytesOf(store, name('clock'))).toString()).toBe('x')
    expect((await store.head(key(name('clock')))).size).toBe(1)
    vi.restoreAllMocks()
    // The clock steps back.
    expect((await bytesOf(store, name('clock'))).toString()).toBe('x')
  })

  it('aborts an upload that nobody goes on with', async () => {
    const Key = name('orphan')
    const begin = await place.client.send(new CreateMultipartUploadCommand({ Bucket: place.bucket, Key }))
    const ended: string[] = []
    const uploads = {
      begin: async () => {},
      end: async (uploadId: string) => void ended.push(uploadId),
      orphans: async () => [
        {
          uploadId: String(begin.UploadId),
          key: Key,
          bucket: place.bucket,
          endpoint: new URL(server.endpoint).origin,
        },
      ],
    }
    const store = openStore(server, place.bucket, { uploads })
    expect(await store.abortOrphans()).toEqual({ aborted: 1, failed: 0 })
    expect(await store.abortOrphans()).toEqual({ aborted: 1, failed: 0 })
    expect(ended).toEqual([begin.UploadId, begin.UploadId])
    const list = new ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix: Key })
    expect((await place.client.send(list)).Uploads ?? []).toEqual([])
  })

  it('administers buckets', async () => {
    if (server.bucket !== undefined) return
    const bucket = `holdfast-test-admin-${Date.now()}`
    const options = {
      endpoint: server.endpoint,
      region: server.region,
      bucket,
      credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
    }
    const admin = new BucketAdmin(options)
    expect(await admin.exists()).toBe(false)
    await expect(admin.versioning()).rejects.toMatchObject({ code: 'NO_SUCH_BUCKET' })
    expect(await admin.create()).toBe(true)
    expect(await admin.create()).toBe(false)
    expect(await admin.exists()).toBe(true)
    expect(await admin.isPublicAccessBlocked()).toBe(false)
    await admin.blockPublicAccess()
    expect(await admin.isPublicAccessBlocked()).toBe(true)
    expect(await admin.versioning()).toBe('off')
    await admin.setVersioning(true)
    expect(await admin.versioning()).toBe('on')
    await admin.setVersioning(false)
    expect(await admin.versioning()).toBe('suspended')
    expect(await admin.cors()).toEqual([])
    const rule = {
      id: 'mine',
      origins: ['https://chat.example'],
      methods: ['GET', 'PUT'],
      headers: ['content-type'],
      exposedHeaders: ['ETag'],
      maxAgeSeconds: 600,
    }
    await admin.setCors([rule])
    expect(await admin.cors()).toEqual([rule])
    await admin.setCors([])
    expect(await admin.cors()).toEqual([])
    await admin.close()
    await openStore(server, bucket).probe()
    const { DeleteBucketCommand } = await import('@aws-sdk/client-s3')
    await place.client.send(new DeleteBucketCommand({ Bucket: bucket }))
  })

  it('leaves no version behind when it finds out what a versioned bucket can do', async () => {
    if (server.bucket !== undefined) return
    const versioned = await openBucket(server)
    onTestFinished(() => versioned.remove())
    const { bucket: Bucket, client } = versioned
    await client.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    )
    const store = openStore(server, Bucket)
    await store.learn()
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }))
    expect([Versions, DeleteMarkers]).toEqual([[], []])
    for (const size of [1, 9 * MIB]) {
      const stat = await put(store, 'a', patterned(size))
      expect(stat.versionId).toMatch(/./)
      expect(stat.etag).toMatch(/^[0-9a-f]{32}/)
      const { versionId, etag, writeId } = await store.head(key('a'))
      expect({ versionId, etag, writeId }).toEqual({
        versionId: stat.versionId,
        etag: stat.etag,
        writeId: stat.writeId,
      })
    }
  })
})

describeCeph('the S3 store on a server that fails', (server, ceph) => {
  let place: TestBucket
  beforeAll(async () => {
    place = await openBucket(server)
  })
  afterAll(() => place.remove())
  afterEach(async () => {
    await ceph.thaw().catch(() => {})
    await ceph.enable()
    await ceph.up()
  })
  const deadlines = { connectMs: 500, firstByteMs: 800, idleMs: 800, totalMs: 4000, completeMs: 2000 }

  it('is TIMEOUT while the server is frozen, and works when it goes on', async () => {
    const store = openStore(server, place.bucket, { deadlines })
    await put(store, 'a', Buffer.from('x'))
    await ceph.freeze()
    for (const [operation, run] of Object.entries(everyOperation(store))) {
      expect(await codeOf(run()), operation).toBe('TIMEOUT')
    }
    await ceph.thaw()
    await put(store, 'b', patterned(1000))
    expect((await bytesOf(store, 'b')).equals(patterned(1000))).toBe(true)
  })

  it('is UNAVAILABLE while the server is down, and works when it is back', async () => {
    const store = openStore(server, place.bucket, { deadlines })
    await put(store, 'a', Buffer.from('x'))
    await ceph.down()
    for (const [operation, run] of Object.entries(everyOperation(store))) {
      const error = await failureOf(run())
      expect(error.code, operation).toBe('UNAVAILABLE')
      expect(error.retryable, operation).toBe(true)
    }
    await ceph.up()
    await put(store, 'a', Buffer.from('y'))
    expect((await bytesOf(store, 'a')).toString()).toBe('y')
  })

  it('stores nothing of an upload during which the server is killed', async () => {
    const store = openStore(server, place.bucket, { deadlines, partSize: 5 * MIB })
    const pieces = async function* () {
      yield patterned(11 * MIB)
      await ceph.crash()
      yield patterned(11 * MIB)
    }
    expect(['UNAVAILABLE', 'TIMEOUT']).toContain(await codeOf(put(store, 'large', pieces())))
    await ceph.up()
    expect(await codeOf(store.head(key('large')))).toBe('NOT_FOUND')
    await put(store, 'large', patterned(11 * MIB))
    expect((await bytesOf(store, 'large')).equals(patterned(11 * MIB))).toBe(true)
  })

  it('is PERMISSION_DENIED while the user is suspended', async () => {
    const store = openStore(server, place.bucket, { deadlines })
    await put(store, 'a', Buffer.from('x'))
    await ceph.suspend()
    for (const [operation, run] of Object.entries(everyOperation(store))) {
      expect(await codeOf(run()), operation).toBe('PERMISSION_DENIED')
    }
    await ceph.enable()
    await store.probe()
  })
})
