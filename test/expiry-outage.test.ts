import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StorageService } from '../src/service.js'
import type { S3Stub } from '../src/testing/s3-stub.js'
import { accessOf } from './support/bucket-settings.js'
import { closing, ManualClock, openLocal, openOver } from './support/expiry.js'
import { until, useFolder, useStub } from './support/failover-service.js'

const EXPIRES = 'x-amz-meta-holdfast-expires'

const held = (stub: S3Stub, key: string) => stub.buckets.get('stub')?.objects.get(key)

async function backAndDrained(stub: S3Stub, storage: StorageService): Promise<void> {
  await stub.comeBack()
  await until('everything is at the bucket', () => {
    const { state, pending } = storage.getStatus()
    return state !== 'degraded' && pending === 0
  })
}

/** Sees to what is due, however long the bucket takes to answer. */
async function swept(storage: StorageService, isDone: () => boolean | Promise<boolean>): Promise<void> {
  await until('what is due has been seen to', async () => {
    await storage.removeExpired()
    return isDone()
  })
}

test.each([false, true])(
  'a file is kept while the bucket that holds it is away (restarted: %s)',
  async restarts => {
    const stub = await useStub()
    const { storage: first, clock, folder } = await openOver(accessOf(stub))
    const content = randomBytes(1000)
    const options = { fileName: 'cat.jpg', contentType: 'image/jpeg', metadata: { a: 'ä' } }
    const put = await first.uploadFile(content, 'a', { ...options, expiresInSeconds: 60 })
    await stub.goDown()
    const kept = await first.keepFile('a')
    expect(kept).toMatchObject({ ...options, key: 'a', size: 1000, etag: put.etag, sha256: put.sha256 })
    expect(kept.expiresAt).toBeUndefined()
    expect(kept.lastModified).toBeInstanceOf(Date)
    expect(await first.keepFile('a')).toEqual(kept)
    clock.advance(100)
    if (restarts) await first.close()
    const { storage } = restarts ? await openOver(accessOf(stub), { folder, clock }) : { storage: first }
    await storage.removeExpired()
    await stub.comeBack()
    await until('the bucket is read', () => storage.fileExists('a').catch(() => false))
    // Until the sweeper has told the bucket, which still says otherwise.
    expect((await storage.statFile('a')).expiresAt).toBeUndefined()
    expect(held(stub, 'a')?.headers[EXPIRES]).toBeDefined()
    await swept(storage, () => held(stub, 'a')?.headers[EXPIRES] === undefined)
    expect(await storage.downloadFile('a')).toEqual(content)
    expect(await storage.statFile('a')).toMatchObject(options)
    // A host that was not told sees the same from now on.
    const other = await openOver(accessOf(stub), { clock })
    expect(await other.storage.downloadFile('a')).toEqual(content)
  },
)

test('what was removed, replaced or never stored is not kept while the bucket is away', async () => {
  const stub = await useStub()
  const { storage, clock } = await openOver(accessOf(stub))
  const options = { expiresInSeconds: 60 }
  for (const key of ['removed', 'many', 'replaced', 'expired', 'there'])
    await storage.uploadFile(Buffer.from('x'), key, key === 'expired' ? { expiresInSeconds: 5 } : options)
  await storage.deleteFile('removed')
  await storage.deleteFiles(['many'])
  await storage.uploadFile(Buffer.from('y'), 'replaced')
  clock.advance(10)
  await stub.goDown()
  for (const key of ['removed', 'many', 'replaced', 'expired', 'never']) {
    await expect(storage.keepFile(key)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  }
  expect(await storage.keepFile('there')).toMatchObject({ key: 'there' })
})

test('an upload that expires during an outage is gone, and so is what it replaced, during and after', async () => {
  const stub = await useStub()
  const { storage, clock } = await openOver(accessOf(stub))
  for (const key of ['swept', 'unswept']) await storage.uploadFile(Buffer.from('before'), key)
  await stub.goDown()
  const options = { expiresInSeconds: 60 }
  for (const key of ['swept', 'unswept', 'new', 'kept'])
    await storage.uploadFile(Buffer.from('during'), key, options)
  expect(String(await storage.downloadFile('swept'))).toBe('during')
  expect((await storage.keepFile('kept')).expiresAt).toBeUndefined()
  await storage.deleteFile('unswept')
  await storage.uploadFile(Buffer.from('during'), 'unswept', options)
  clock.advance(100)
  const seen = new Set<string>()
  const look = async (): Promise<void> => {
    for (const key of ['swept', 'unswept', 'new']) {
      const found = await storage.downloadFile(key)
      if (found !== null) seen.add(`${key}: ${found}`)
    }
    for (const key of await storage.listFiles()) if (key !== 'kept') seen.add(`${key} listed`)
  }
  await look()
  expect((await storage.removeExpired()).removed).toBe(3)
  await look()
  await stub.comeBack()
  await until('everything is at the bucket', async () => {
    await look()
    const { state, pending } = storage.getStatus()
    return state !== 'degraded' && pending === 0
  })
  await look()
  await storage.removeExpired()
  expect([...seen]).toEqual([])
  expect([...(stub.buckets.get('stub')?.objects.keys() ?? [])].filter(key => !key.startsWith('.'))).toEqual([
    'kept',
  ])
  expect(String(await storage.downloadFile('kept'))).toBe('during')
})

test('what comes to the bucket when it has expired already is removed there', async () => {
  const stub = await useStub()
  const { storage, clock } = await openOver(accessOf(stub))
  await storage.uploadFile(Buffer.from('before'), 'a')
  await stub.goDown()
  await storage.uploadFile(Buffer.from('during'), 'a', { expiresInSeconds: 60 })
  await backAndDrained(stub, storage)
  expect(held(stub, 'a')?.headers[EXPIRES]).toBe(new Date(clock.time + 60_000).toISOString())
  clock.advance(60)
  expect(await storage.downloadFile('a')).toBeNull()
  await swept(storage, () => held(stub, 'a') === undefined)
})

test('what is due while the bucket is away is removed by itself when it is back', async () => {
  const stub = await useStub()
  const clock = new ManualClock()
  const { storage } = await openOver(accessOf(stub), { clock })
  for (let n = 0; n < 20; n++) await storage.uploadFile(Buffer.from('x'), `${n}`, { expiresInSeconds: 60 })
  await storage.uploadFile(Buffer.from('x'), 'stays')
  await stub.goDown()
  clock.advance(60)
  expect((await storage.removeExpired()).removed).toBe(0)
  await stub.comeBack()
  const left = () => [...(stub.buckets.get('stub')?.objects.keys() ?? [])].filter(key => /^\d/.test(key))
  await until('the sweeper has removed them', () => left().length === 0)
  expect(held(stub, 'stays')).toBeDefined()
})

test('a copy in the read cache serves no expired file', async () => {
  const stub = await useStub()
  const { storage, clock } = await openOver(accessOf(stub), { config: { localCacheMaxBytes: 1e9 } })
  const contents = new Map(['expires', 'kept', 'stays'].map(key => [key, randomBytes(5000)]))
  for (const [key, content] of contents) {
    await storage.uploadFile(content, key, key === 'stays' ? {} : { expiresInSeconds: 60 })
    await until('there is a copy', async () => {
      await storage.downloadFile(key)
      return storage.getStatus().cache?.files === [...contents.keys()].indexOf(key) + 1
    })
  }
  await stub.goDown()
  expect(await storage.downloadFile('expires')).toEqual(contents.get('expires'))
  expect((await storage.keepFile('kept')).confirmedAt).toBeDefined()
  clock.advance(60)
  expect(await storage.downloadFile('expires')).toBeNull()
  await expect(storage.statFile('expires')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await storage.downloadFile('kept')).toEqual(contents.get('kept'))
  expect(await storage.downloadFile('stays')).toEqual(contents.get('stays'))
})

test('files from before the bucket expire under it', async () => {
  const stub = await useStub()
  const { storage: local, clock, folder } = await openLocal()
  for (const key of ['expires', 'kept'])
    await local.uploadFile(Buffer.from('x'), key, { expiresInSeconds: 60 })
  await local.close()
  const { storage } = await openOver(accessOf(stub), { folder, clock })
  expect((await storage.statFile('expires')).expiresAt).toEqual(new Date(clock.time + 60_000))
  await storage.keepFile('kept')
  clock.advance(60)
  expect(await storage.downloadFile('expires')).toBeNull()
  expect((await storage.removeExpired()).removed).toBe(1)
  expect([...(await storage.listFiles())]).toEqual(['kept'])
})

test('of what another host has stored, that host is left a day to see to it', async () => {
  const stub = await useStub()
  const { storage: theirs, clock } = await openOver(accessOf(stub))
  const { storage: ours } = await openOver(accessOf(stub), { clock })
  await theirs.uploadFile(Buffer.from('x'), 'a', { expiresInSeconds: 60 })
  expect((await ours.statFile('a')).expiresAt).toBeDefined()
  await theirs.close()
  clock.advance(60)
  expect(await ours.downloadFile('a')).toBeNull()
  expect((await ours.removeExpired()).removed).toBe(0)
  await until('it is known not to be there', async () => (await ours.listFiles()).length === 0)
  expect(held(stub, 'a')).toBeDefined()
  clock.advance(24 * 3600)
  expect((await ours.removeExpired()).removed).toBe(1)
  expect(held(stub, 'a')).toBeUndefined()
})

test('a file that another host stores is kept at the bucket', async () => {
  const stub = await useStub()
  const { storage: theirs, clock } = await openOver(accessOf(stub))
  const { storage: ours } = await openOver(accessOf(stub), { clock })
  await theirs.uploadFile(Buffer.from('x'), 'a', { expiresInSeconds: 60 })
  await ours.keepFile('a')
  clock.advance(60)
  expect((await theirs.removeExpired()).removed).toBe(0)
  expect(String(await theirs.downloadFile('a'))).toBe('x')
})

test('without the storage folder nothing is stored to expire, and what has expired is gone', async () => {
  const stub = await useStub()
  const config = { objectStorageFallback: false, localStoragePath: `${await useFolder()}/none` }
  const { storage: first, clock } = await openOver(accessOf(stub))
  const { storage } = await openOver(accessOf(stub), { clock, config })
  for (const key of ['expires', 'kept'])
    await first.uploadFile(Buffer.from('x'), key, { expiresInSeconds: 60 })
  const refused = storage.uploadFile(Buffer.from('x'), 'b', { expiresInSeconds: 60 })
  await expect(refused).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: /OBJECT_STORAGE_FALLBACK=true/,
  })
  const { etag } = await storage.statFile('expires')
  await storage.keepFile('kept')
  clock.advance(60)
  expect(await storage.downloadFile('expires')).toBeNull()
  const overwrite = storage.uploadFile(Buffer.from('y'), 'expires', { ifMatch: etag })
  await expect(overwrite).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
  await storage.uploadFile(Buffer.from('y'), 'expires', { ifNoneMatch: '*' })
  expect(String(await storage.downloadFile('expires'))).toBe('y')
  expect(String(await storage.downloadFile('kept'))).toBe('x')
  await stub.goDown()
  await expect(storage.keepFile('kept')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('expired files are removed by themselves', async () => {
  const folder = await useFolder()
  const config = { objectStorageProvider: 'local', localStoragePath: folder }
  const storage = closing(new StorageService({ config }))
  await storage.uploadFile(Buffer.from('x'), 'a', { expiresInSeconds: 1 })
  await storage.uploadFile(Buffer.from('x'), 'b', { expiresInSeconds: 3600 })
  await until('it is removed', async () => (await storage.getStorageMetrics()).fileCount === 1)
  expect(await storage.fileExists('b')).toBe(true)
})

test('at a server that takes no conditions on deletes, no upload is removed in the place of an expired one', async () => {
  const stub = await useStub({ conditions: { delete: 'ignored' } })
  const { storage, clock, folder } = await openOver(accessOf(stub))
  const { storage: beside } = await openOver(accessOf(stub), { folder, clock })
  // A removal takes effect late, so that there is time for an upload in between.
  stub.fault = ({ operation }) =>
    operation === 'DeleteObject' ? { delayMs: 5 + Math.random() * 30 } : undefined
  const rounds = 30
  await Promise.all(
    Array.from({ length: rounds }, (_, n) =>
      storage.uploadFile(Buffer.from('old'), `${n}`, { expiresInSeconds: 60 }),
    ),
  )
  clock.advance(60)
  const sweeping = storage.removeExpired()
  await Promise.all(
    Array.from({ length: rounds }, async (_, n) => {
      await sleep(Math.random() * 150)
      const by = n % 2 === 0 ? storage : beside
      await by.uploadFile(Buffer.from('new'), `${n}`, n % 3 === 0 ? { ifNoneMatch: '*' } : {})
    }),
  )
  await sweeping
  clock.advance(120)
  expect(await storage.removeExpired()).toMatchObject({ complete: true })
  for (let n = 0; n < rounds; n++) expect(String(await storage.downloadFile(`${n}`))).toBe('new')
  expect(stub.counts['DeleteObject']).toBeGreaterThan(0)
})
