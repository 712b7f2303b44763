import { describe, expect, onTestFinished, test } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { ERROR_CODES, StorageError } from '../src/core/errors.js'
import type { StorageService } from '../src/service.js'
import type { S3Stub } from '../src/testing/s3-stub.js'
import { accessOf } from './support/bucket-settings.js'
import { healthy, until, useService, useStub } from './support/failover-service.js'
import { ask, serveStorage } from './support/http.js'

// Objects in an archive class: told of, never readable before they are thawed, and never taken for an outage.

const BYTES = Buffer.from('what lies in the archive')
const DAY_MS = 86_400_000

/** What a call came to: its code, or `ok`. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'ok'
  } catch (error) {
    if (StorageError.is(error)) return error.code
    throw error
  }
}

async function open(config: Partial<StorageConfig> = {}): Promise<{ stub: S3Stub; storage: StorageService }> {
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { config })
  return { stub, storage }
}

/** How long until the object can be read once it was asked for. Longer than any of the calls made meanwhile. */
const NEVER_MS = 3_600_000

/** Makes what was asked for readable now. */
function restored(stub: S3Stub, key: string): void {
  const bucket = stub.buckets.get('stub')
  const object = bucket?.find(key)
  if (bucket === undefined || object?.restore === undefined) throw new Error(`${key} was not asked for.`)
  const { from, until } = object.restore
  const early = from - Date.now()
  bucket.objects.set(key, { ...object, restore: { from: from - early, until: until - early } })
}

const isRead = (storage: StorageService, key: string): Promise<boolean> =>
  storage.downloadFile(key).then(bytes => bytes?.equals(BYTES) === true)

describe.each<[string, Partial<StorageConfig>]>([
  ['without a net', { objectStorageFallback: false }],
  ['with the local disk behind it', {}],
  ['written behind', { objectStorageWriteMode: 'behind' }],
  ['with a read cache', { localCacheMaxBytes: 64 * 1024 * 1024 }],
])('a bucket %s', (_, config) => {
  test.each(['GLACIER', 'DEEP_ARCHIVE'])(
    'answers ARCHIVED for what is in %s, and tells of it',
    async storageClass => {
      const { storage } = await open(config)
      const away: unknown[] = []
      storage.on('away', event => away.push(event))
      await storage.uploadFile(BYTES, 'a', { storageClass, contentType: 'text/plain', tags: { k: 'v' } })
      await healthy(storage)
      const stat = await storage.statFile('a')
      expect(stat).toMatchObject({ size: BYTES.length, storageClass, archive: { state: 'archived' } })
      expect(await storage.fileExists('a')).toBe(true)
      expect(await storage.getFileTags('a')).toEqual({ k: 'v' })
      const page = (await storage.list().pages()[Symbol.asyncIterator]().next()).value
      expect(page?.files).toMatchObject([{ key: 'a', storageClass }])
      const refused = {
        download: () => storage.downloadFile('a'),
        open: () => storage.openFile('a'),
        range: () => storage.downloadFile('a', { range: { start: 0, end: 1 } }),
        condition: () => storage.downloadFile('a', { ifMatch: stat.etag }),
        copy: () => storage.copyFile('a', 'b'),
        retyped: () => storage.copyFile('a', 'b', { contentType: 'image/png', storageClass: 'STANDARD' }),
        create: () => storage.copyFile('a', 'b', { ifNoneMatch: '*' }),
        move: () => storage.moveFile('a', 'b'),
        class: () => storage.setStorageClass('a', 'STANDARD'),
      }
      for (const [name, call] of Object.entries(refused))
        expect([name, await outcome(call())]).toEqual([name, 'ARCHIVED'])
      await expect(storage.downloadFile('a')).rejects.toMatchObject({
        retryable: false,
        key: 'a',
        message: expect.stringContaining('holdfast thaw'),
      })
      expect(await storage.fileExists('b')).toBe(false)
      expect(await storage.statFile('a')).toMatchObject({ etag: stat.etag })
      expect([storage.getStatus().state, away]).toEqual(['healthy', []])
      // What nobody can read can be replaced and deleted all the same.
      await storage.uploadFile(BYTES, 'a')
      expect(await isRead(storage, 'a')).toBe(true)
      await storage.uploadFile(BYTES, 'c', { storageClass })
      await storage.deleteFile('c')
      await healthy(storage)
      expect(await storage.fileExists('c')).toBe(false)
    },
  )

  test('gives back what is thawed, until the time that it tells', async () => {
    const { stub, storage } = await open(config)
    await storage.uploadFile(BYTES, 'a', { storageClass: 'GLACIER', tags: { k: 'v' } })
    await healthy(storage)
    stub.restoreMs = NEVER_MS
    expect((await storage.thawFile('a', { days: 2, tier: 'Bulk' })).archive).toEqual({ state: 'thawing' })
    // Asked again it is on its way as before.
    expect((await storage.thawFile('a', { tier: 'Expedited' })).archive).toEqual({ state: 'thawing' })
    expect((await storage.statFile('a')).archive).toEqual({ state: 'thawing' })
    expect(await outcome(storage.downloadFile('a'))).toBe('ARCHIVED')
    restored(stub, 'a')
    const { archive } = await storage.statFile('a')
    expect(archive?.state).toBe('thawed')
    const days = ((archive?.until?.getTime() ?? 0) - Date.now()) / DAY_MS
    expect(days).toBeGreaterThan(1.9)
    expect(days).toBeLessThan(2.1)
    expect(await isRead(storage, 'a')).toBe(true)
    const longer = await storage.thawFile('a', { days: 9 })
    expect(((longer.archive?.until?.getTime() ?? 0) - Date.now()) / DAY_MS).toBeGreaterThan(8.9)
    // A copy is of the class of its source, and archived anew; one into another class is out for good.
    await storage.copyFile('a', 'again')
    await storage.setStorageClass('a', 'STANDARD')
    await healthy(storage)
    expect((await storage.statFile('again')).archive).toEqual({ state: 'archived' })
    expect(await outcome(storage.downloadFile('again'))).toBe('ARCHIVED')
    const out = await storage.statFile('a')
    expect([out.storageClass, out.archive]).toEqual([undefined, undefined])
    expect(await isRead(storage, 'a')).toBe(true)
    expect(await storage.getFileTags('a')).toEqual({ k: 'v' })
  })

  test('that has no room for the quickest way now is not away for that', async () => {
    const { stub, storage } = await open(config)
    await storage.uploadFile(BYTES, 'a', { storageClass: 'GLACIER' })
    await healthy(storage)
    const body =
      '<Error><Code>GlacierExpeditedRetrievalNotAvailable</Code><Message>Try again later</Message></Error>'
    stub.fault = ({ operation }) => (operation === 'RestoreObject' ? { status: 503, body } : undefined)
    for (let i = 0; i < 8; i++) {
      expect(await outcome(storage.thawFile('a', { tier: 'Expedited' }))).toBe('ARCHIVED')
    }
    expect(storage.getStatus().state).toBe('healthy')
  })

  test('that restores nothing says so', async () => {
    const { stub, storage } = await open(config)
    await storage.uploadFile(BYTES, 'a', { storageClass: 'GLACIER' })
    await healthy(storage)
    const body = '<Error><Code>NotImplemented</Code></Error>'
    stub.fault = ({ operation }) => (operation === 'RestoreObject' ? { status: 501, body } : undefined)
    await expect(storage.thawFile('a')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('readable as it is'),
    })
    expect(storage.getStatus().state).toBe('healthy')
  })
})

describe('while the bucket is away', () => {
  test('an upload to an archive is read from here, and archived when it is back', async () => {
    const { stub, storage } = await open()
    await storage.uploadFile(BYTES, 'before', { storageClass: 'GLACIER' })
    await stub.goDown()
    const { fallback } = await storage.uploadFile(BYTES, 'a', { storageClass: 'DEEP_ARCHIVE' })
    expect(fallback).toBe(true)
    const stat = await storage.statFile('a')
    expect([stat.storageClass, stat.archive, stat.pending]).toEqual(['DEEP_ARCHIVE', undefined, true])
    expect(await isRead(storage, 'a')).toBe(true)
    // It can be read as it is, so there is nothing to ask for.
    expect((await storage.thawFile('a')).pending).toBe(true)
    expect(await outcome(storage.thawFile('before'))).toBe('UNAVAILABLE')
    await stub.comeBack()
    await healthy(storage)
    expect((await storage.statFile('a')).archive).toEqual({ state: 'archived' })
    expect(await outcome(storage.downloadFile('a'))).toBe('ARCHIVED')
  })

  test('the class of what lies here is changed here, and that of other files is not', async () => {
    const { stub, storage } = await open()
    await storage.uploadFile(BYTES, 'before')
    await stub.goDown()
    const tags = { k: 'v' }
    const { etag } = await storage.uploadFile(BYTES, 'a', {
      tags,
      fileName: 'ä.txt',
      contentType: 'text/plain',
    })
    expect(await outcome(storage.setStorageClass('a', 'STANDARD_IA', { ifMatch: 'another' }))).toBe(
      'PRECONDITION_FAILED',
    )
    await storage.setStorageClass('a', 'STANDARD_IA', { ifMatch: etag })
    expect(await outcome(storage.setStorageClass('before', 'STANDARD_IA'))).toBe('UNAVAILABLE')
    await stub.comeBack()
    await healthy(storage)
    const stat = await storage.statFile('a')
    expect(stat).toMatchObject({ storageClass: 'STANDARD_IA', fileName: 'ä.txt', contentType: 'text/plain' })
    expect(await storage.getFileTags('a')).toEqual(tags)
    expect(await isRead(storage, 'a')).toBe(true)
    expect(await storage.statFile('before')).not.toHaveProperty('storageClass')
  })

  test('a file that was read before is shown from its copy, and is ARCHIVED once the bucket says so', async () => {
    const { stub, storage } = await open({ localCacheMaxBytes: 64 * 1024 * 1024 })
    const large = Buffer.alloc(200_000, 'x')
    await storage.uploadFile(large, 'large')
    await storage.uploadFile(BYTES, 'small')
    const read = async (): Promise<void> => {
      expect((await storage.downloadFile('large'))?.equals(large)).toBe(true)
      expect(await isRead(storage, 'small')).toBe(true)
    }
    await until('there are copies', async () => {
      await read()
      return (storage.getStatus().cache?.files ?? 0) >= 2
    })
    // As a rule of the bucket does it: the objects stay as they are.
    const bucket = stub.buckets.get('stub')
    for (const key of ['large', 'small']) {
      const object = bucket?.find(key)
      if (object === undefined) throw new Error('It is gone.')
      const headers = { ...object.headers, 'x-amz-storage-class': 'GLACIER' }
      bucket?.objects.set(key, { ...object, headers })
    }
    for (const key of ['large', 'small']) expect(await outcome(storage.downloadFile(key))).toBe('ARCHIVED')
    await stub.goDown()
    await until('it is known to be away', () =>
      outcome(storage.fileExists('large')).then(() => storage.getStatus().state === 'degraded'),
    )
    await read()
    await stub.comeBack()
    await healthy(storage)
    for (const key of ['large', 'small']) expect(await outcome(storage.downloadFile(key))).toBe('ARCHIVED')
  })
})

describe('over HTTP', () => {
  test('an archived file is told of, and not served', async () => {
    const { stub, storage } = await open()
    const { port } = await serveStorage(storage)
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    )
    const headers = { 'x-holdfast-storage-class': 'GLACIER', 'content-type': 'image/png' }
    expect((await ask(port, 'PUT', '/uploads/a.png', { body: png, headers })).status).toBe(201)
    const got = await ask(port, 'GET', '/uploads/a.png')
    expect([got.status, got.json.error.code]).toEqual([ERROR_CODES.ARCHIVED.httpStatus, 'ARCHIVED'])
    expect(got.json.error.message).toContain('?thaw')
    const head = await ask(port, 'HEAD', '/uploads/a.png')
    expect([
      head.status,
      head.headers['x-holdfast-storage-class'],
      head.headers['x-holdfast-archive'],
    ]).toEqual([200, 'GLACIER', 'archived'])
    stub.restoreMs = 0
    await storage.thawFile('a.png')
    const back = await ask(port, 'GET', '/uploads/a.png')
    expect([back.status, back.body.equals(png)]).toEqual([200, true])
    expect(back.headers['x-holdfast-archive']).toMatch(/^thawed; until="[A-Z][a-z]{2}, .* GMT"$/)
  })
})

test('names that no server has are refused before a byte moves', async () => {
  const stub = await useStub({ storageClasses: ['STANDARD_IA'] })
  const storage = await useService(accessOf(stub))
  onTestFinished(() => {
    stub.fault = undefined
  })
  const put = (storageClass: string): Promise<unknown> => storage.uploadFile(BYTES, 'a', { storageClass })
  const { total = 0 } = stub.counts
  await expect(put('standard_ia')).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: 'Invalid storageClass "standard_ia"; accepted: STANDARD_IA.',
  })
  expect(stub.counts['total'] ?? 0).toBe(total)
  // A name of its own is the server's to know.
  await expect(put('COLD')).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('no storage class COLD'),
  })
  expect(await storage.fileExists('a')).toBe(false)
  await put('STANDARD_IA')
  expect(storage.getStatus().state).toBe('healthy')
})
