import { expect, test } from 'vitest'
import { accessOf } from './support/bucket-settings.js'
import { until, useService, useStub } from './support/failover-service.js'

const PREFIX = 'rooms/42/'
const bytes = (length: number): Buffer => Buffer.alloc(length, 'x')

test('a quota holds while the object store is away, counts too much rather than too little, and is right afterwards', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub))
  const scope = storage.scope(PREFIX, { maxBytes: 1000 })
  await scope.uploadFile(bytes(300), 'old')
  await scope.uploadFile(bytes(200), 'other')
  expect(await scope.usage()).toMatchObject({ bytes: 500, files: 2, exact: true })

  stub.fault = () => ({ status: 503, code: 'SlowDown' })
  await storage.uploadFile(bytes(1), 'outside')
  await until('the store is away', () => storage.getStatus().pending > 0, storage)
  // What is overwritten, or removed, nobody can look at now: it is counted on.
  await scope.uploadFile(bytes(100), 'old')
  await scope.deleteFile('other')
  await scope.uploadFile(bytes(50), 'new')
  const away = await scope.usage()
  expect(away.bytes).toBeGreaterThanOrEqual(150)
  expect(away.exact).toBe(false)
  await expect(scope.uploadFile(bytes(900), 'more')).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
  await expect(storage.quotas.recount(PREFIX)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect((await scope.usage()).bytes).toBe(away.bytes)

  stub.fault = undefined
  await until('everything is at the store', () => storage.getStatus().pending === 0, storage)
  expect(await storage.quotas.recount(PREFIX)).toMatchObject({ bytes: 150, files: 2, exact: true })
  await scope.uploadFile(bytes(850), 'more')
  await expect(scope.uploadFile(bytes(1), 'too-much')).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
}, 120_000)

test('a quota counts what is erased in a bucket, at once and in an outage', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { config: { settleWindowMs: 500 } })
  const scope = storage.scope(PREFIX, { maxBytes: 1000 })
  for (const key of ['a/1', 'a/2', 'b/1', 'c']) await scope.uploadFile(bytes(10), key)
  const since = (await scope.usage()).countedAt
  await storage.erasePrefix('rooms/42/a/')
  await storage.eraseFile('rooms/42/c')
  expect(await scope.usage()).toMatchObject({ bytes: 10, files: 1, exact: true, countedAt: since })
  await stub.goDown()
  await storage.erasePrefix('rooms/42/b/')
  await stub.comeBack()
  const isErased = async (): Promise<boolean> => {
    for await (const { finishedAt } of storage.erasures()) if (finishedAt === undefined) return false
    return true
  }
  await until('it is erased', isErased, storage)
  expect(await storage.quotas.recount(PREFIX)).toMatchObject({ bytes: 0, files: 0 })
}, 120_000)

test('a URL to upload by leads past no quota', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub))
  const scope = storage.scope(PREFIX, { maxBytes: 1000 })
  await expect(scope.generatePresignedUrl('a', { method: 'PUT' })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  })
  expect(await scope.generatePresignedUrl('a')).toContain('rooms/42/a')
  const published = await useService(accessOf(stub), { config: { publicUrl: 'https://files.example.com' } })
  const room = published.scope(PREFIX, { maxBytes: 1000 })
  expect(await room.generatePresignedUrl('a', { method: 'PUT' })).toMatch(/^https:\/\/files\.example\.com\//)
  await expect(room.generatePresignedUrl('a', { method: 'PUT', direct: true })).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  })
})

test('a bucket without a storage folder has no quotas, and says so before a byte is sent', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { config: { objectStorageFallback: false } })
  await expect(storage.scope(PREFIX, { maxBytes: 1 }).uploadFile(bytes(1), 'a')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  })
  await storage.scope(PREFIX).uploadFile(bytes(1), 'a')
  expect(await storage.scope(PREFIX).usage()).toMatchObject({ bytes: 1, files: 1 })
})
