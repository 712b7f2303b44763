import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { openBucket } from './support/bucket.js'
import { accessOf } from './support/bucket-settings.js'
import { closing, ManualClock, openLocal, openOver } from './support/expiry.js'
import { until, useStub } from './support/failover-service.js'
import { describeReal } from './support/real-server.js'

const KIB = 1024

interface Opened {
  readonly storage: StorageService
  readonly clock: ManualClock
  /** What the keys of the test begin with. */
  readonly prefix?: string
  /** Whether what is not known here is UNAVAILABLE. */
  readonly isAway?: boolean
}

async function openMemory(): Promise<Opened> {
  const clock = new ManualClock()
  const storage = new StorageService({ config: {}, store: new MemoryStore(), now: clock.now })
  return { storage: closing(storage), clock }
}

function suite(open: () => Promise<Opened>): void {
  test('a file tells when it expires, and lasts until then', async () => {
    const { storage, clock, prefix = '' } = await open()
    const content = randomBytes(10 * KIB)
    const key = `${prefix}a`
    const put = await storage.uploadFile(content, key, { expiresInSeconds: 60, fileName: 'ä.bin' })
    expect(put.expiresAt).toEqual(new Date(clock.time + 60_000))
    const stat = await storage.statFile(key)
    expect(stat).toMatchObject({ expiresAt: put.expiresAt, etag: put.etag, fileName: 'ä.bin' })
    clock.advance(59)
    expect((await storage.removeExpired()).removed).toBe(0)
    expect(await storage.downloadFile(key)).toEqual(content)
    expect([...(await storage.listFiles(prefix))]).toEqual([key])
    const at = new Date(clock.time + 5000)
    await storage.uploadFile(content, key, { expiresAt: at })
    expect((await storage.statFile(key)).expiresAt).toEqual(at)
    // The earlier write's time is not this one's.
    clock.advance(2)
    expect((await storage.removeExpired()).removed).toBe(0)
    expect(await storage.fileExists(key)).toBe(true)
    await storage.uploadFile(content, key)
    clock.advance(1000)
    await storage.removeExpired()
    expect((await storage.statFile(key)).expiresAt).toBeUndefined()
    expect(await storage.downloadFile(key)).toEqual(content)
  })

  test('an expired file is not there, by any path, before it is removed and after', async () => {
    const { storage, clock, prefix = '' } = await open()
    const key = `${prefix}b/file`
    const { etag } = await storage.uploadFile(Buffer.from('expires'), key, { expiresInSeconds: 10 })
    await storage.uploadFile(Buffer.from('stays'), `${prefix}b/other`)
    clock.advance(10)
    for (const removed of [false, true]) {
      if (removed) expect((await storage.removeExpired()).removed).toBe(1)
      const missing = { code: 'NOT_FOUND' }
      await expect(storage.statFile(key)).rejects.toMatchObject(missing)
      await expect(storage.openFile(key)).rejects.toMatchObject(missing)
      await expect(storage.openFile(key, { range: { start: 100 } })).rejects.toMatchObject(missing)
      await expect(storage.openFile(key, { ifNoneMatch: etag })).rejects.toMatchObject(missing)
      expect(await storage.downloadFile(key)).toBeNull()
      expect(await storage.fileExists(key)).toBe(false)
      await expect(storage.copyFile(key, `${prefix}b/copy`)).rejects.toMatchObject(missing)
      await expect(storage.moveFile(key, `${prefix}b/copy`)).rejects.toMatchObject(missing)
      await expect(storage.keepFile(key)).rejects.toMatchObject(missing)
      expect([...(await storage.listFiles(`${prefix}b/`))]).toEqual([`${prefix}b/other`])
      const overwrite = storage.uploadFile(Buffer.from('x'), key, { ifMatch: etag })
      await expect(overwrite).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
      if (!removed) expect(await storage.deleteFile(key)).toBe(false)
    }
  })

  test('a write that is only to create takes the place of an expired file, and of no other', async () => {
    const { storage, clock, prefix = '' } = await open()
    const [key, source] = [`${prefix}c/file`, `${prefix}c/source`]
    await storage.uploadFile(Buffer.from('first'), key, { expiresInSeconds: 10 })
    await storage.uploadFile(Buffer.from('source'), source)
    const create = { ifNoneMatch: '*' }
    const early = storage.uploadFile(Buffer.from('x'), key, create)
    await expect(early).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    clock.advance(10)
    await storage.uploadFile(Buffer.from('second'), key, { ...create, expiresInSeconds: 10 })
    await expect(storage.copyFile(source, key, create)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    clock.advance(10)
    await storage.copyFile(source, key, create)
    expect(String(await storage.downloadFile(key))).toBe('source')
    await storage.removeExpired()
    expect(String(await storage.downloadFile(key))).toBe('source')
    const late = storage.uploadFile(Buffer.from('x'), key, create)
    await expect(late).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  })

  test('a kept file lasts; keeping another is no change', async () => {
    const { storage, clock, prefix = '', isAway } = await open()
    const key = `${prefix}d/file`
    const content = randomBytes(KIB)
    const options = { fileName: 'cat.jpg', contentType: 'image/jpeg', metadata: { room: '42' } }
    await storage.uploadFile(content, key, { ...options, expiresInSeconds: 10 })
    const kept = await storage.keepFile(key)
    expect(kept).toMatchObject({ ...options, size: KIB })
    expect(kept.expiresAt).toBeUndefined()
    expect(await storage.keepFile(key)).toEqual(await storage.statFile(key))
    clock.advance(100)
    await storage.removeExpired()
    expect(await storage.downloadFile(key)).toEqual(content)
    expect(await storage.statFile(key)).toMatchObject({ ...options, etag: kept.etag })
    await expect(storage.keepFile(`${prefix}d/none`)).rejects.toMatchObject({
      code: isAway ? 'UNAVAILABLE' : 'NOT_FOUND',
    })
  })

  test('a copy expires with its source, unless told otherwise', async () => {
    const { storage, clock, prefix = '' } = await open()
    const name = (key: string): string => `${prefix}e/${key}`
    const start = clock.time
    await storage.uploadFile(Buffer.from('x'), name('source'), { expiresInSeconds: 10 })
    const copied = await storage.copyFile(name('source'), name('same'))
    expect(copied.expiresAt).toEqual(new Date(start + 10_000))
    await storage.copyFile(name('source'), name('renamed'), { fileName: 'x.txt' })
    await storage.copyFile(name('source'), name('longer'), { expiresInSeconds: 20 })
    await storage.copyFile(name('source'), name('ever'), { expiresAt: null })
    await storage.moveFile(name('same'), name('moved'))
    clock.advance(10)
    expect([...(await storage.listFiles(`${prefix}e/`))]).toEqual([name('ever'), name('longer')])
    expect((await storage.removeExpired()).removed).toBe(3)
    clock.advance(10)
    expect((await storage.removeExpired()).removed).toBe(1)
    expect([...(await storage.listFiles(`${prefix}e/`))]).toEqual([name('ever')])
  })

  test('what was written since is not removed', async () => {
    const { storage, clock, prefix = '', isAway } = await open()
    const name = (n: number): string => `${prefix}f/${n}`
    const numbers = Array.from({ length: 30 }, (_, n) => n)
    for (const n of numbers) await storage.uploadFile(Buffer.from('old'), name(n), { expiresInSeconds: 10 })
    for (const n of numbers.slice(0, 10)) await storage.uploadFile(Buffer.from('new'), name(n))
    for (const n of numbers.slice(10, 20))
      await storage.uploadFile(Buffer.from('new'), name(n), { expiresInSeconds: 20 })
    clock.advance(10)
    expect((await storage.removeExpired()).removed).toBe(10)
    for (const n of numbers.slice(0, 20)) expect(String(await storage.downloadFile(name(n)))).toBe('new')
    if (isAway) await storage.deleteFiles(numbers.map(name))
    else expect(await storage.deletePrefix(`${prefix}f/`)).toEqual({ deleted: 20, failed: [] })
    clock.advance(10)
    expect((await storage.removeExpired()).removed).toBe(0)
  })

  test('whoever keeps a file in the moment of its expiry has it, or is told that it is gone', async () => {
    const { storage, clock, prefix = '' } = await open()
    const outcomes = { kept: 0, gone: 0 }
    for (let round = 0; round < 25; round++) {
      const key = `${prefix}g/${round}`
      await storage.uploadFile(Buffer.from('x'), key, { expiresInSeconds: 10 })
      const keeping = storage.keepFile(key).then(
        () => 'kept' as const,
        error => {
          expect(error.code).toBe('NOT_FOUND')
          return 'gone' as const
        },
      )
      for (let turn = 0; turn < round % 5; turn++) await new Promise(setImmediate)
      clock.advance(10)
      await storage.removeExpired()
      const outcome = await keeping
      await storage.removeExpired()
      outcomes[outcome]++
      expect(await storage.fileExists(key)).toBe(outcome === 'kept')
      clock.advance(1000)
      await storage.removeExpired()
      expect(await storage.fileExists(key)).toBe(outcome === 'kept')
    }
    expect(outcomes.kept + outcomes.gone).toBe(25)
  })

  test('times that are none, or not ahead, are refused before anything is stored', async () => {
    const { storage, clock, prefix = '' } = await open()
    const key = `${prefix}h`
    const wrong: [object, RegExp][] = [
      [{ expiresInSeconds: 0 }, /Invalid expiresInSeconds 0; accepted: a whole number of seconds from 1 to/],
      [{ expiresInSeconds: 1.5 }, /Invalid expiresInSeconds 1.5/],
      [{ expiresInSeconds: '60' }, /Invalid expiresInSeconds "60"/],
      [{ expiresInSeconds: 1e12 }, /Invalid expiresInSeconds/],
      [{ expiresAt: new Date(clock.time) }, /Invalid expiresAt .*; accepted: a Date ahead of now/],
      [{ expiresAt: new Date(Number.NaN) }, /Invalid expiresAt/],
      [{ expiresAt: clock.time + 1000 }, /Invalid expiresAt/],
      [{ expiresAt: new Date(8.64e15) }, /Invalid expiresAt/],
      [
        { expiresInSeconds: 1, expiresAt: new Date(clock.time + 1000) },
        /Both expiresInSeconds and expiresAt/,
      ],
    ]
    await storage.uploadFile(Buffer.from('x'), `${prefix}i`)
    for (const [options, message] of wrong) {
      const refused = { code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }
      await expect(storage.uploadFile(Buffer.from('x'), key, options)).rejects.toMatchObject(refused)
      await expect(storage.copyFile(`${prefix}i`, key, options)).rejects.toMatchObject(refused)
    }
    expect([...(await storage.listFiles(prefix))]).toEqual([`${prefix}i`])
  })
}

describe('local files', () => suite(openLocal))
describe('a store of one’s own', () => suite(openMemory))
describe('a bucket', () => suite(async () => openOver(accessOf(await useStub()))))
describe('a bucket, written behind', () =>
  suite(async () => openOver(accessOf(await useStub()), { config: { objectStorageWriteMode: 'behind' } })))
describe('a bucket that is away', () =>
  suite(async () => {
    const stub = await useStub()
    const opened = await openOver(accessOf(stub))
    await opened.storage.uploadFile(Buffer.from('x'), 'first')
    await opened.storage.deleteFile('first')
    await stub.goDown()
    return { ...opened, isAway: true }
  }))

describeReal('a real server', server => {
  suite(async () => {
    const { bucket, prefix, remove } = await openBucket(server)
    onTestFinished(remove)
    return { ...(await openOver({ ...server, bucket })), prefix }
  })
})

test('the bytes of an expiring local file do not lie where a person would find them', async () => {
  const { storage, clock, folder } = await openLocal()
  const { path } = (await storage.uploadFile(Buffer.from('x'), 'a.txt', { expiresInSeconds: 10 })) as {
    path?: string
  }
  expect(path).toContain(join('.holdfast', 'objects'))
  expect(existsSync(join(folder, 'a.txt'))).toBe(false)
  await storage.uploadFile(Buffer.from('x'), 'b.txt', { expiresInSeconds: 10 })
  await storage.keepFile('b.txt')
  await until('the kept file is in its place', () => existsSync(join(folder, 'b.txt')))
  clock.advance(10)
  await storage.removeExpired()
  const left = readdirSync(join(folder, '.holdfast', 'objects'), { recursive: true, withFileTypes: true })
  expect(left.filter(entry => entry.isFile())).toEqual([])
})
