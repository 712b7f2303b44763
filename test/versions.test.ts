import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { Bucket } from '../src/operations/bucket.js'
import { StorageService } from '../src/service.js'
import type { FileVersion, VersionsOf } from '../src/storage.js'
import { openBucket } from './support/bucket.js'
import { accessOf, type BucketAccess } from './support/bucket-settings.js'
import { healthy, until, useFolder, useService, useStub } from './support/failover-service.js'
import { describeReal } from './support/real-server.js'

interface Versioned {
  readonly storage: StorageService
  /** Has the bucket keep versions, or no new ones. */
  turn(on: boolean): Promise<void>
}

type Open = (config?: Partial<StorageConfig>) => Promise<Versioned>

const versioned = async (access: BucketAccess, config?: Partial<StorageConfig>): Promise<Versioned> => {
  const storage = await useService(access, { ...(config !== undefined && { config }) })
  const bucket = new Bucket(storage.config)
  onTestFinished(() => bucket.close())
  return { storage, turn: on => bucket.setVersioning(on) }
}

const onStub: Open = async config => versioned(accessOf(await useStub()), config)

/** Of a listing, what a person would look at: `id of the content or marker` per version. */
const seen = async (storage: StorageService, of: VersionsOf): Promise<string[]> => {
  const found: string[] = []
  for await (const version of storage.listVersions(of)) {
    const { key, versionId, isLatest, isDeleteMarker } = version
    const what = isDeleteMarker ? 'deleted' : String(await storage.downloadFile(key, { versionId }))
    found.push(`${key} ${what}${isLatest ? ' now' : ''}`)
  }
  return found
}

const all = async (storage: StorageService, of: VersionsOf): Promise<FileVersion[]> => {
  const found: FileVersion[] = []
  for await (const version of storage.listVersions(of)) found.push(version)
  return found
}

const put = (storage: StorageService, key: string, text: string): Promise<unknown> =>
  storage.uploadFile(Buffer.from(text), key, { contentType: 'text/plain' })

function behaves(open: Open): void {
  test('lists, reads and tells of every version', async () => {
    const { storage, turn } = await open()
    await put(storage, 'a b+c/ä.txt', 'zero')
    await turn(true)
    await put(storage, 'a b+c/ä.txt', 'one')
    await storage.deleteFile('a b+c/ä.txt')
    await put(storage, 'a b+c/ä.txt', 'two')
    await put(storage, 'a b+c/ä.txt.other', 'beside')
    expect(await seen(storage, { key: 'a b+c/ä.txt' })).toEqual([
      'a b+c/ä.txt two now',
      'a b+c/ä.txt deleted',
      'a b+c/ä.txt one',
      'a b+c/ä.txt zero',
    ])
    expect(await seen(storage, { prefix: 'a b+c/ä.txt.' })).toEqual(['a b+c/ä.txt.other beside now'])
    expect(await all(storage, { prefix: '' })).toHaveLength(5)
    const [now, marker, one] = await all(storage, { key: 'a b+c/ä.txt' })
    expect(one).toMatchObject({ size: 3, isLatest: false, isDeleteMarker: false })
    expect(marker).toMatchObject({ size: 0, isDeleteMarker: true })
    expect(now?.lastModified.getTime()).toBeGreaterThan(Date.now() - 300_000)
    const versionId = one?.versionId ?? ''
    const stat = await storage.statFile('a b+c/ä.txt', { versionId })
    expect(stat).toMatchObject({ size: 3, versionId, contentType: 'text/plain' })
    const range = { start: 1, end: 1 }
    expect(String(await storage.downloadFile('a b+c/ä.txt', { versionId, range }))).toBe('n')
    await using file = await storage.openFile('a b+c/ä.txt', { versionId })
    expect(String(await file.bytes())).toBe('one')
  })

  test('tells who wrote a version', async () => {
    const { storage, turn } = await open()
    await turn(true)
    await put(storage, 'key', 'ours')
    const response = await fetch(await storage.generatePresignedUrl('key', { method: 'PUT', direct: true }), {
      method: 'PUT',
      body: 'theirs',
    })
    expect(response.status).toBe(200)
    await storage.deleteFile('key')
    const writers: (string | undefined)[] = []
    for await (const { writtenBy } of storage.listVersions({ key: 'key' }, { writers: true }))
      writers.push(writtenBy)
    expect(writers).toEqual([undefined, 'others', 'holdfast'])
    for await (const version of storage.listVersions({ key: 'key' }))
      expect(version).not.toHaveProperty('writtenBy')
  })

  test('what is no version is not found, and a delete marker has nothing to read', async () => {
    const { storage, turn } = await open()
    await turn(true)
    await put(storage, 'key', 'one')
    await storage.deleteFile('key')
    const [marker, one] = await all(storage, { key: 'key' })
    const gone = one?.versionId ?? ''
    for (const versionId of [marker?.versionId ?? '']) {
      expect(await storage.downloadFile('key', { versionId })).toBeNull()
      await expect(storage.statFile('key', { versionId })).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(storage.restoreVersion('key', { versionId })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    await storage.purgeVersions({ key: 'key' })
    expect(await storage.downloadFile('key', { versionId: gone })).toBeNull()
    await expect(storage.statFile('key', { versionId: gone })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(storage.restoreVersion('key')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const odd = storage.openFile('key', { versionId: gone, ifMatch: 'x' })
    await expect(odd).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(storage.statFile('key', { versionId: '' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    for (const of of [{}, { key: 'a', prefix: 'a' }, null, 'a', { key: '../a' }, { prefix: '/' }]) {
      await expect(all(storage, of as never)).rejects.toMatchObject({ code: /^INVALID_/ })
      await expect(storage.purgeVersions(of as never)).rejects.toMatchObject({ code: /^INVALID_/ })
    }
    for (const options of [
      { keep: -1 },
      { keep: 0.5 },
      { olderThanSeconds: -1 },
      { olderThanSeconds: '1' },
    ]) {
      const purge = storage.purgeVersions({ key: 'key' }, options as never)
      await expect(purge).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })

  test('a deleted file comes back, as a write of its own that carries what it carried', async () => {
    const { storage, turn } = await open()
    await turn(true)
    await storage.uploadFile(Buffer.from('first'), 'key', {
      contentType: 'text/plain',
      fileName: 'Über.txt',
      metadata: { room: '42' },
      tags: { kind: 'letter' },
      cacheControl: 'no-cache',
    })
    const before = await storage.statFile('key')
    await put(storage, 'key', 'second')
    await expect(storage.restoreVersion('key')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    const restored = await storage.restoreVersion('key', { versionId: before.versionId })
    expect(restored).toMatchObject({ success: true, size: 5, contentType: 'text/plain' })
    await storage.deleteFile('key')
    await storage.restoreVersion('key')
    expect(String(await storage.downloadFile('key'))).toBe('first')
    const after = await storage.statFile('key')
    const { etag: etagBefore, versionId: idBefore, lastModified: timeBefore, ...carried } = before
    expect(after).toMatchObject(carried)
    expect(after.versionId).not.toBe(idBefore)
    expect(await seen(storage, { key: 'key' })).toEqual([
      'key first now',
      'key deleted',
      'key first',
      'key second',
      'key first',
    ])
    // A tag is told by neither; a copy of the store's own takes it along, if it is there.
    const config = storage.config
    const { fetchedTags } = await tagsOf(config, 'key')
    expect(fetchedTags).toEqual({ kind: 'letter' })
  })

  test('compressed versions are read and restored as what they are', async () => {
    const { storage, turn } = await open()
    await turn(true)
    const lines = Buffer.from('{"hello":"there"}\n'.repeat(5000))
    await storage.uploadFile(lines, 'lines', { compress: 'gzip' })
    await put(storage, 'lines', 'x')
    const versionId = (await all(storage, { key: 'lines' }))[1]?.versionId ?? ''
    expect((await storage.downloadFile('lines', { versionId }))?.equals(lines)).toBe(true)
    const range = { start: 40_000, end: 40_099 }
    const part = await storage.downloadFile('lines', { versionId, range })
    expect(part?.equals(lines.subarray(40_000, 40_100))).toBe(true)
    await storage.restoreVersion('lines', { versionId })
    expect((await storage.statFile('lines')).compressed?.encoding).toBe('gzip')
    expect((await storage.downloadFile('lines'))?.equals(lines)).toBe(true)
  })

  test('a large version is restored in parts', async () => {
    const { storage, turn } = await open({ objectStoragePartBytes: 5 * 1024 * 1024 })
    await turn(true)
    const bytes = randomBytes(11 * 1024 * 1024)
    await storage.uploadFile(bytes, 'large')
    await storage.deleteFile('large')
    await storage.restoreVersion('large')
    expect((await storage.downloadFile('large'))?.equals(bytes)).toBe(true)
  })

  test('a purge leaves what is current, and what it was told to keep', async () => {
    const { storage, turn } = await open()
    await turn(true)
    for (const text of ['1', '2', '3', '4']) await put(storage, 'a', text)
    for (const text of ['1', '2']) await put(storage, 'a/b', text)
    await put(storage, 'gone', '1')
    await storage.deleteFile('gone')
    await storage.deleteFile('never')
    const dry: FileVersion[] = []
    const options = { dryRun: true, onRemoved: (version: FileVersion) => void dry.push(version) }
    expect(await storage.purgeVersions({ prefix: '' }, options)).toMatchObject({ removed: 7, bytes: 5 })
    expect(dry).toHaveLength(7)
    expect(await storage.purgeVersions({ prefix: '' }, { olderThanSeconds: 3600 })).toMatchObject({
      removed: 0,
    })
    expect(await storage.purgeVersions({ key: 'a' }, { keep: 2 })).toMatchObject({ removed: 1, bytes: 1 })
    expect(await seen(storage, { prefix: 'a' })).toEqual(['a 4 now', 'a 3', 'a 2', 'a/b 2 now', 'a/b 1'])
    expect(await storage.purgeVersions({ prefix: 'gone' }, { keep: 1 })).toMatchObject({ removed: 0 })
    expect(await seen(storage, { key: 'gone' })).toEqual(['gone deleted now', 'gone 1'])
    expect(await storage.purgeVersions({ prefix: '' })).toEqual({
      removed: 6,
      bytes: 4,
      deleteMarkers: 2,
      failed: [],
    })
    expect(await seen(storage, { prefix: '' })).toEqual(['a 4 now', 'a/b 2 now'])
  })

  test('of a bucket that keeps no new versions, what an upload may replace is left', async () => {
    const { storage, turn } = await open()
    await put(storage, 'key', 'null')
    await turn(true)
    await put(storage, 'key', 'one')
    await put(storage, 'key', 'two')
    await turn(false)
    expect(await storage.purgeVersions({ key: 'key' })).toMatchObject({ removed: 1, failed: [] })
    expect(await seen(storage, { key: 'key' })).toEqual(['key two now', 'key null'])
    await put(storage, 'key', 'three')
    expect(await seen(storage, { key: 'key' })).toEqual(['key three now', 'key two'])
    await storage.deleteFile('key')
    expect(await storage.purgeVersions({ key: 'key' })).toMatchObject({ removed: 1, deleteMarkers: 0 })
    expect(await seen(storage, { key: 'key' })).toEqual(['key deleted now'])
    await turn(true)
    expect(await storage.purgeVersions({ key: 'key' })).toMatchObject({ removed: 1, deleteMarkers: 1 })
    expect(await all(storage, { prefix: '' })).toEqual([])
  })

  test('a bucket that keeps no versions says how to have it keep them', async () => {
    const { storage } = await open()
    await put(storage, 'key', 'one')
    const message = expect.stringContaining('holdfast bucket versioning on')
    const unsupported = { code: 'UNSUPPORTED', message }
    await expect(all(storage, { prefix: '' })).rejects.toMatchObject(unsupported)
    await expect(storage.purgeVersions({ key: 'key' })).rejects.toMatchObject(unsupported)
    await expect(storage.restoreVersion('key', { versionId: 'null' })).rejects.toMatchObject(unsupported)
  })

  test('restores race with uploads, and one of them wins whole', async () => {
    const { storage, turn } = await open()
    await turn(true)
    await put(storage, 'key', 'old')
    const { versionId } = await storage.statFile('key')
    await put(storage, 'key', 'current')
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 4 }, () => storage.restoreVersion('key', { versionId })),
      put(storage, 'key', 'new'),
    ])
    for (const outcome of outcomes.slice(0, -1)) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'PRECONDITION_FAILED' })
    }
    expect(outcomes.at(-1)?.status).toBe('fulfilled')
    const texts = (await seen(storage, { key: 'key' })).map(line => line.split(' ')[1])
    // Whoever was told of success has a version of its own; the rest changed nothing.
    expect(texts).toHaveLength(2 + outcomes.filter(({ status }) => status === 'fulfilled').length)
    expect(texts.filter(text => text === 'new')).toHaveLength(1)
  })
}

/** What neither a stat nor a download tells. */
async function tagsOf(config: StorageConfig, key: string): Promise<{ fetchedTags: unknown }> {
  const { GetObjectTaggingCommand, S3Client } = await import('@aws-sdk/client-s3')
  const client = new S3Client({
    endpoint: config.objectStorageEndpoint ?? '',
    region: config.objectStorageRegion,
    forcePathStyle: true,
    credentials: {
      accessKeyId: config.objectStorageAccessKey ?? '',
      secretAccessKey: config.objectStorageSecretKey ?? '',
    },
  })
  try {
    const command = new GetObjectTaggingCommand({ Bucket: config.objectStorageBucket, Key: key })
    const { TagSet = [] } = await client.send(command)
    return { fetchedTags: Object.fromEntries(TagSet.map(tag => [tag.Key, tag.Value])) }
  } finally {
    client.destroy()
  }
}

describe('with a net', () => behaves(onStub))
describe('without a net', () => behaves(config => onStub({ ...config, objectStorageFallback: false })))
describeReal('of a real server', server =>
  behaves(async config => {
    const { bucket, remove } = await openBucket(server)
    onTestFinished(remove)
    return versioned({ ...server, bucket }, config)
  }),
)

test('local storage keeps none, and says so', async () => {
  const storage = new StorageService({ config: { localStoragePath: await useFolder() } })
  onTestFinished(async () => void (await storage.close()))
  await put(storage, 'key', 'one')
  const unsupported = {
    code: 'UNSUPPORTED',
    message: expect.stringContaining('holdfast bucket versioning on'),
  }
  await expect(all(storage, { prefix: '' })).rejects.toMatchObject(unsupported)
  await expect(storage.purgeVersions({ key: 'key' })).rejects.toMatchObject(unsupported)
  await expect(storage.restoreVersion('key')).rejects.toMatchObject(unsupported)
  await expect(storage.openFile('key', { versionId: 'x' })).rejects.toMatchObject(unsupported)
})

test('thousands of versions of one key, page by page, while uploads go on', async () => {
  const stub = await useStub()
  const { storage, turn } = await versioned(accessOf(stub))
  await turn(true)
  const bucket = stub.buckets.get('stub')
  await put(storage, 'key', 'first')
  const first = bucket?.find('key')
  for (let i = 0; i < 3500 && first !== undefined; i++) bucket?.store('key', first)
  await put(storage, 'key.later', 'beside')
  expect(await all(storage, { key: 'key' })).toHaveLength(3501)
  let going = true
  const texts: string[] = []
  const uploads = (async () => {
    while (going) {
      texts.push(`text ${texts.length}`)
      await put(storage, 'key', texts.at(-1) ?? '')
      expect(String(await storage.downloadFile('key'))).toBe(texts.at(-1))
    }
  })()
  const report = await storage.purgeVersions({ prefix: '' })
  going = false
  await uploads
  expect(report.failed).toEqual([])
  expect(report.removed).toBeGreaterThanOrEqual(3500)
  expect(String(await storage.downloadFile('key'))).toBe(texts.at(-1))
  expect(String(await storage.downloadFile('key.later'))).toBe('beside')
  await storage.purgeVersions({ prefix: '' })
  expect(await all(storage, { prefix: '' })).toHaveLength(2)
})

test('while the bucket is away its versions are UNAVAILABLE, and a restore afterwards comes after what was written', async () => {
  const stub = await useStub()
  const { storage, turn } = await versioned(accessOf(stub))
  await turn(true)
  await put(storage, 'key', 'one')
  const { versionId } = await storage.statFile('key')
  await put(storage, 'key', 'two')
  await stub.goDown()
  await put(storage, 'key', 'away')
  const away = { code: 'UNAVAILABLE', retryable: true }
  await expect(storage.openFile('key', { versionId })).rejects.toMatchObject(away)
  await expect(storage.restoreVersion('key', { versionId })).rejects.toMatchObject(away)
  await expect(storage.purgeVersions({ key: 'key' })).rejects.toMatchObject(away)
  await expect(all(storage, { key: 'key' })).rejects.toMatchObject(away)
  expect(String(await storage.downloadFile('key'))).toBe('away')
  await stub.comeBack()
  await healthy(storage)
  await storage.restoreVersion('key', { versionId })
  expect(await seen(storage, { key: 'key' })).toEqual(['key one now', 'key away', 'key two', 'key one'])
})

test('a key that the bucket is still to receive is restored through the journal, and purged later', async () => {
  const stub = await useStub()
  const { storage, turn } = await versioned(accessOf(stub))
  await turn(true)
  await put(storage, 'key', 'one')
  const { versionId } = await storage.statFile('key')
  await put(storage, 'key', 'two')
  await stub.goDown()
  await storage.deleteFile('key')
  // The bucket answers again, and takes nothing yet.
  stub.fault = ({ method }) => (method === 'PUT' || method === 'DELETE' ? { status: 503 } : undefined)
  await stub.comeBack()
  const reads = async (): Promise<boolean> => {
    try {
      return (await all(storage, { key: 'key' })).length === 2
    } catch {
      return false
    }
  }
  await until('the bucket is read again', reads, storage)
  const result = await storage.restoreVersion('key', { versionId })
  expect(result).toMatchObject({ fallback: true, size: 3 })
  expect(String(await storage.downloadFile('key'))).toBe('one')
  stub.fault = undefined
  await healthy(storage)
  expect(String(await storage.downloadFile('key'))).toBe('one')
  expect((await seen(storage, { key: 'key' }))[0]).toBe('key one now')
})

test('delete markers on top of each other', async () => {
  const { storage, turn } = await onStub()
  await turn(true)
  await put(storage, 'key', 'one')
  for (let i = 0; i < 3; i++) await storage.deleteFile('key')
  expect(await seen(storage, { key: 'key' })).toHaveLength(4)
  expect(await storage.purgeVersions({ key: 'key' }, { keep: 1 })).toMatchObject({
    removed: 2,
    deleteMarkers: 2,
  })
  expect(await seen(storage, { key: 'key' })).toEqual(['key deleted now', 'key one'])
  for (let i = 0; i < 3; i++) await storage.deleteFile('key')
  await storage.restoreVersion('key')
  expect(String(await storage.downloadFile('key'))).toBe('one')
  await storage.deleteFile('key')
  expect(await storage.purgeVersions({ key: 'key' })).toMatchObject({ removed: 7, deleteMarkers: 5 })
  expect(await all(storage, { prefix: '' })).toEqual([])
})

test('what cannot be removed is reported, and its delete marker stays', async () => {
  const stub = await useStub()
  const { storage, turn } = await versioned(accessOf(stub))
  await turn(true)
  await put(storage, 'key', 'one')
  await storage.deleteFile('key')
  const refusal = { status: 403, body: '<Error><Code>AccessDenied</Code><Message>No.</Message></Error>' }
  stub.fault = ({ operation }) => (operation === 'DeleteObjects' ? refusal : undefined)
  const report = await storage.purgeVersions({ key: 'key' })
  expect(report).toMatchObject({ removed: 0, failed: [{ key: 'key', error: { code: 'PERMISSION_DENIED' } }] })
  stub.fault = undefined
  expect(await storage.downloadFile('key')).toBeNull()
  expect(await seen(storage, { key: 'key' })).toEqual(['key deleted now', 'key one'])
})

test('a delete marker whose key was written anew meanwhile stays', async () => {
  const stub = await useStub()
  const { storage, turn } = await versioned(accessOf(stub))
  await turn(true)
  await put(storage, 'key', 'one')
  await storage.deleteFile('key')
  const bucket = stub.buckets.get('stub')
  let written = false
  stub.fault = ({ operation }) => {
    // Right after the old version went: somebody writes, and deletes again.
    if (operation === 'ListObjectVersions' && stub.counts['DeleteObjects'] === 1 && !written) {
      written = true
      const object = { bytes: Buffer.from('new'), etag: 'e', modified: new Date(), headers: {}, tagging: '' }
      bucket?.store('key', object)
      bucket?.remove('key')
    }
    return undefined
  }
  await storage.purgeVersions({ key: 'key' })
  expect(written).toBe(true)
  expect(await storage.downloadFile('key')).toBeNull()
  expect(bucket?.versions.of('key', undefined)).toHaveLength(3)
})
