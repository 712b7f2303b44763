import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { StorageService } from '../src/service.js'
import type { S3Stub } from '../src/testing/s3-stub.js'
import { accessOf } from './support/bucket-settings.js'
import { healthy, until, useFolder, useService, useStub } from './support/failover-service.js'
import { ask, serveStorage } from './support/http.js'

// Tags before, during and after an outage, and over HTTP. What every store does with them is in the conformance suite.

const BYTES = Buffer.from('content')

async function outcome(call: () => Promise<unknown>): Promise<string> {
  try {
    await call()
    return 'ok'
  } catch (error) {
    if (StorageError.is(error)) return error.code
    throw error
  }
}

/** The tags of an object as the bucket has them. */
function held(stub: S3Stub, key: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(stub.buckets.get('stub')?.find(key).tagging))
}

async function open(config = {}, folder?: string) {
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { config, ...(folder !== undefined && { folder }) })
  return { stub, storage }
}

describe('while the bucket is away', () => {
  test('those of what waits for it are set here, and reach it', async () => {
    const { stub, storage } = await open()
    await storage.uploadFile(BYTES, 'first') // so that the bucket is known
    await stub.goDown()
    const { etag } = await storage.uploadFile(BYTES, 'a', {
      tags: { a: '1', b: '2' },
      contentType: 'text/plain',
    })
    expect(await storage.getFileTags('a')).toEqual({ a: '1', b: '2' })
    await storage.setFileTags('a', { b: '3' })
    await storage.uploadFile(BYTES, 'none', { tags: { a: '1' } })
    await storage.setFileTags('none', {})
    expect(await storage.getFileTags('a')).toEqual({ b: '3' })
    expect(await storage.statFile('a')).toMatchObject({
      etag,
      tagCount: 1,
      pending: true,
      contentType: 'text/plain',
    })
    expect(await storage.statFile('none')).not.toHaveProperty('tagCount')
    await storage.copyFile('a', 'copy')
    expect(await storage.getFileTags('copy')).toEqual({ b: '3' })
    await storage.deleteFile('first')
    expect(await outcome(() => storage.setFileTags('first', {}))).toBe('NOT_FOUND')
    await stub.comeBack()
    await healthy(storage)
    expect([held(stub, 'a'), held(stub, 'none'), held(stub, 'copy')]).toEqual([{ b: '3' }, {}, { b: '3' }])
    expect(await storage.statFile('a')).toMatchObject({ etag, pending: false })
    expect(await storage.getFileTags('a')).toEqual({ b: '3' })
  })

  test('those of what only the bucket has are neither told nor set, and set again when it is back', async () => {
    const { stub, storage } = await open()
    await storage.uploadFile(BYTES, 'a', { tags: { a: '1' } })
    await stub.goDown()
    expect(await outcome(() => storage.getFileTags('a'))).toBe('UNAVAILABLE')
    expect(await outcome(() => storage.setFileTags('a', { a: '2' }))).toBe('UNAVAILABLE')
    await stub.comeBack()
    await until(
      'tags are taken',
      async () => (await outcome(() => storage.setFileTags('a', { a: '3' }))) === 'ok',
    )
    expect(held(stub, 'a')).toEqual({ a: '3' })
  })

  test('a process that is started anew knows them', async () => {
    const folder = await useFolder()
    const { stub, storage } = await open({}, folder)
    await stub.goDown()
    await storage.uploadFile(BYTES, 'a', { tags: { a: '1' }, storageClass: 'STANDARD_IA' })
    await storage.setFileTags('a', { a: '2' })
    await storage.close({ drainMs: 0 })
    const again = await useService(accessOf(stub), { folder })
    expect(await again.getFileTags('a')).toEqual({ a: '2' })
    await stub.comeBack()
    await healthy(again)
    expect(held(stub, 'a')).toEqual({ a: '2' })
    expect((await again.statFile('a')).storageClass).toBe('STANDARD_IA')
  })
})

describe('set while the upload is on its way', () => {
  /** An upload that the bucket has carried out, and whose answer was lost: it is kept here until that is known. */
  async function inDoubt(config = {}) {
    const { stub, storage } = await open({ settleWindowMs: 500, ...config })
    await storage.uploadFile(BYTES, 'first')
    let bytes: Buffer | undefined
    stub.fault = ({ operation, key }) => {
      if (operation === 'HeadObject' && key === 'a') return { status: 503 }
      return operation === 'PutObject' && key === 'a' && bytes === undefined ? 'lose-answer' : undefined
    }
    const { etag } = await storage.uploadFile(BYTES, 'a', { tags: { a: 'old' } })
    const first = stub.buckets.get('stub')?.find('a')
    bytes = first?.bytes
    if (first === undefined) throw new Error('It was not carried out.')
    return { stub, storage, etag, first }
  }

  test('they are not passed over because the bucket has the upload already', async () => {
    const { stub, storage, etag } = await inDoubt()
    expect(held(stub, 'a')).toEqual({ a: 'old' })
    await storage.setFileTags('a', { a: 'new' })
    stub.fault = undefined
    await until('the bucket has them', () => held(stub, 'a')['a'] === 'new', storage)
    expect(await storage.statFile('a')).toMatchObject({ etag })
    await healthy(storage)
    expect(await storage.getFileTags('a')).toEqual({ a: 'new' })
  })

  test('they outlive a late copy of that upload', async () => {
    const { stub, storage, first } = await inDoubt({ settleWindowMs: 2000 })
    await storage.setFileTags('a', { a: 'new' })
    stub.fault = undefined
    await until('the bucket has them', () => held(stub, 'a')['a'] === 'new', storage)
    // The request that was lost is carried out once more, with the tags that it was sent with.
    stub.buckets.get('stub')?.store('a', first)
    expect(held(stub, 'a')).toEqual({ a: 'old' })
    await until('it was looked at again', () => held(stub, 'a')['a'] === 'new', storage)
    await until('nothing is left to wait for', () => storage.getStatus().settling === 0, storage)
    expect(held(stub, 'a')).toEqual({ a: 'new' })
  }, 90_000)

  test('that the bucket does not let us set them leaves the upload to a person', async () => {
    const { stub, storage } = await inDoubt()
    await storage.setFileTags('a', { a: 'new' })
    const body = '<Error><Code>AccessDenied</Code></Error>'
    stub.fault = ({ operation }) => (operation === 'PutObjectTagging' ? { status: 403, body } : undefined)
    await until('it is parked', () => storage.getStatus().parked === 1, storage)
    expect(await storage.downloadFile('a')).toEqual(BYTES)
    // Setting them is another try.
    stub.fault = undefined
    await storage.setFileTags('a', { a: 'newer' })
    await until('the bucket has them', () => held(stub, 'a')['a'] === 'newer', storage)
    await until('nothing is parked', () => storage.getStatus().parked === 0, storage)
  })
})

test('a copy to a key that waits for the bucket has the tags of its source, which the bucket has', async () => {
  const { stub, storage } = await open({ objectStorageWriteMode: 'behind' })
  const tags = { a: '1', Grüße: 'ü' }
  await storage.uploadFile(BYTES, 'from', { tags })
  await healthy(storage)
  for (const options of [{}, { contentType: 'image/png' }]) {
    await storage.copyFile('from', 'to', options)
    expect(await storage.getFileTags('to')).toEqual(tags)
    await healthy(storage)
    expect(held(stub, 'to')).toEqual(tags)
  }
})

test('what has expired has none, and tells nobody of its archive', async () => {
  const { stub, storage } = await open()
  await storage.uploadFile(BYTES, 'a', { tags: { a: '1' }, storageClass: 'GLACIER', expiresInSeconds: 3600 })
  await storage.setFileTags('a', { a: '2' })
  expect(await storage.thawFile('a')).toMatchObject({
    archive: { state: 'thawed' },
    expiresAt: expect.any(Date),
  })
  const { expiresAt } = await storage.statFile('a')
  // Into another class it goes with its expiry.
  expect(await storage.setStorageClass('a', 'STANDARD_IA')).toMatchObject({ expiresAt })
  expect(await storage.getFileTags('a')).toEqual({ a: '2' })
  const { etag } = await storage.uploadFile(BYTES, 'b', { tags: { a: '1' }, expiresInSeconds: 1 })
  await until('it has expired', async () => !(await storage.fileExists('b')), storage)
  expect(await outcome(() => storage.getFileTags('b'))).toBe('NOT_FOUND')
  expect(await outcome(() => storage.setFileTags('b', {}))).toBe('NOT_FOUND')
  expect(await outcome(() => storage.setStorageClass('b', 'STANDARD_IA', { ifMatch: etag }))).toBe(
    'NOT_FOUND',
  )
  expect(await outcome(() => storage.thawFile('b'))).toBe('NOT_FOUND')
  expect(held(stub, 'a')).toEqual({ a: '2' })
})

test('local files keep them through everything that moves their bytes', async () => {
  const folder = await useFolder()
  const config = { localStoragePath: folder }
  const storage = new StorageService({ config })
  const other = new StorageService({ config })
  const large = Buffer.alloc(300_000, 'x')
  try {
    for (const [key, bytes] of [
      ['small', BYTES],
      ['large', large],
    ] as const) {
      const { etag } = await storage.uploadFile(bytes, key, { tags: { n: '0' } })
      // At once, while the file is put in its place; and from another process's view of the folder.
      await Promise.all([storage.setFileTags(key, { n: '1' }), storage.downloadFile(key)])
      await other.setFileTags(key, { n: '2', m: '2' })
      expect(await storage.getFileTags(key)).toEqual({ n: '2', m: '2' })
      expect(await storage.statFile(key)).toMatchObject({ etag, tagCount: 2 })
      expect(await storage.downloadFile(key)).toEqual(bytes)
    }
    const rounds = 8
    await Promise.all([
      ...Array.from({ length: rounds }, async (_, i) =>
        (i % 2 === 0 ? storage : other).setFileTags('small', { n: `${i}` }),
      ),
      ...Array.from({ length: rounds }, () => storage.uploadFile(BYTES, 'small', { tags: { n: 'up' } })),
    ])
    expect(await storage.downloadFile('small')).toEqual(BYTES)
    expect(Object.keys(await storage.getFileTags('small'))).toEqual(['n'])
    expect(await storage.getStorageMetrics()).toMatchObject({
      fileCount: 2,
      totalSizeBytes: BYTES.length + large.length,
    })
  } finally {
    await other.close()
    await storage.close()
  }
  const again = new StorageService({ config })
  try {
    await sleep(0)
    expect(await again.getFileTags('large')).toEqual({ n: '2', m: '2' })
    expect(await again.downloadFile('large')).toEqual(large)
  } finally {
    await again.close()
  }
})

describe('over HTTP', () => {
  const KEY = 'an-api-key-of-the-test'
  const bearer = { authorization: `Bearer ${KEY}` }

  test('an upload brings them in a header, and its storage class', async () => {
    const { stub, storage } = await open()
    const { port } = await serveStorage(storage, { apiKeys: [KEY] })
    const put = (headers: Record<string, string>, path = '/uploads/a') =>
      ask(port, 'PUT', path, { body: BYTES, headers })
    const tags = { 'x-holdfast-tags': 'purpose=chat&Gr%C3%BC%C3%9Fe=a%20b&empty=' }
    const storageClass = { 'x-holdfast-storage-class': 'STANDARD_IA' }
    expect((await put({ ...bearer, ...tags, ...storageClass })).status).toBe(201)
    expect(held(stub, 'a')).toEqual({ purpose: 'chat', Grüße: 'a b', empty: '' })
    const got = await ask(port, 'GET', '/uploads/a', { headers: bearer })
    expect([got.status, got.headers['x-holdfast-storage-class']]).toEqual([200, 'STANDARD_IA'])
    const wrong = [
      { 'x-holdfast-tags': 'a=1&a=2' },
      { 'x-holdfast-tags': `a=${'v'.repeat(257)}` },
      { 'x-holdfast-tags': '=v' },
      { 'x-holdfast-storage-class': 'glacier' },
    ]
    for (const headers of wrong) {
      const refused = await put({ ...bearer, ...headers }, '/uploads/b')
      expect([refused.status, refused.json.error.code]).toEqual([400, 'INVALID_ARGUMENT'])
    }
    expect(await storage.fileExists('b')).toBe(false)
  })

  test('the bearer of a signed URL chooses neither', async () => {
    const { stub, storage } = await open({ publicUrl: 'https://files.example.org' })
    const { port } = await serveStorage(storage, { apiKeys: [KEY] })
    const url = new URL(await storage.generatePresignedUrl('a', { method: 'PUT' }))
    const put = (headers: Record<string, string>) =>
      ask(port, 'PUT', url.pathname + url.search, { body: BYTES, headers })
    const chosen = [{ 'x-holdfast-tags': 'a=1' }, { 'x-holdfast-storage-class': 'DEEP_ARCHIVE' }]
    for (const headers of chosen) {
      const refused = await put(headers)
      expect([refused.status, refused.json.error.code]).toEqual([403, 'PERMISSION_DENIED'])
    }
    expect(await storage.fileExists('a')).toBe(false)
    expect((await put({})).status).toBe(201)
    expect(held(stub, 'a')).toEqual({})
  })
})
