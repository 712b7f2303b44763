import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { completeConfig, type StorageConfig } from '../src/config.js'
import { Bucket } from '../src/operations/bucket.js'
import { Detachment } from '../src/operations/detach.js'
import { StorageService } from '../src/service.js'
import type { ErasedItem, EraseReceipt } from '../src/storage.js'
import { QuarantineTable } from '../src/stores/local/quarantine-table.js'
import { openRoot } from '../src/stores/local/root.js'
import type { S3Stub } from '../src/testing/s3-stub.js'
import { openBucket } from './support/bucket.js'
import { accessOf } from './support/bucket-settings.js'
import { healthy, until, useFolder, useService, useStub } from './support/failover-service.js'
import { describeReal } from './support/real-server.js'
import { marked, searchBucket, searchExport, searchFolder } from './support/traces.js'

async function useLocal(folder: string): Promise<StorageService> {
  const storage = new StorageService({ config: { localStoragePath: folder } })
  onTestFinished(async () => void (await storage.close()))
  return storage
}

async function useVersioned(
  folder: string,
  config: Partial<StorageConfig> = {},
): Promise<{ stub: S3Stub; storage: StorageService }> {
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { folder, config })
  const bucket = new Bucket(storage.config)
  await bucket.setVersioning(true)
  await bucket.close()
  return { stub, storage }
}

async function erase(
  storage: StorageService,
  of: { key: string } | { prefix: string },
  options = {},
): Promise<{ receipt: EraseReceipt; items: ErasedItem[] }> {
  const items: ErasedItem[] = []
  const given = { ...options, onErased: (item: ErasedItem) => void items.push(item) }
  const receipt =
    'key' in of ? await storage.eraseFile(of.key, given) : await storage.erasePrefix(of.prefix, given)
  return { receipt, items }
}

const finished = async (storage: StorageService): Promise<boolean> => {
  for await (const { finishedAt } of storage.erasures()) if (finishedAt === undefined) return false
  return true
}

describe('local files', () => {
  test('of what lived in the ledger, the tree and displaced, nothing is found', async () => {
    const folder = await useFolder()
    const storage = await useLocal(folder)
    const marks: string[] = []
    const put = async (key: string, size: number, more = {}): Promise<void> => {
      const { mark, content } = marked(size)
      marks.push(mark)
      await storage.uploadFile(content, key, more)
    }
    for (const size of [30, 1500, 3000, 60_000, 200_000]) await put('rooms/1/a.txt', size)
    const secret = marked(30).mark
    const metadata = { note: secret }
    await put('rooms/1/a.txt', 5000, { fileName: `${secret}.txt`, metadata })
    await storage.uploadFile(marked(60_000).content, 'rooms/1/lines', { compress: 'gzip' })
    const kept = marked(3000)
    await storage.uploadFile(kept.content, 'rooms/1/a.txt.kept')
    // A file of somebody else that is in the way of the object.
    const inTheWay = marked(500)
    await storage.deleteFile('rooms/1/a.txt')
    await until('the file is gone', async () => !(await storage.fileExists('rooms/1/a.txt')))
    writeFileSync(join(folder, 'rooms/1/a.txt'), inTheWay.content)
    await put('rooms/1/a.txt', 100_000)
    await until('it is displaced', () => readdirSync(join(folder, '.holdfast/displaced')).length > 0)
    expect(searchFolder(folder, [...marks, inTheWay.mark]).length).toBeGreaterThan(0)

    const { receipt, items } = await erase(storage, { key: 'rooms/1/a.txt' })
    expect(receipt).toMatchObject({ key: 'rooms/1/a.txt', erased: 2, finishedAt: expect.any(Date) })
    expect(receipt).not.toHaveProperty('owed')
    expect(items.map(({ where }) => where)).toEqual(['folder', 'displaced'])
    expect(items[0]).toMatchObject({
      key: 'rooms/1/a.txt',
      size: 100_000,
      sha256: expect.stringMatching(/^\w{64}$/),
    })
    expect(searchFolder(folder, [...marks, inTheWay.mark, secret])).toEqual([])
    expect(await searchExport(storage, [...marks, inTheWay.mark, secret, kept.mark])).toEqual([kept.mark])
    expect(await storage.downloadFile('rooms/1/a.txt')).toBeNull()
    expect((await storage.downloadFile('rooms/1/a.txt.kept'))?.equals(kept.content)).toBe(true)
    expect(await finished(storage)).toBe(true)
  })

  test('what inspection held back', async () => {
    const folder = await useFolder()
    const storage = new StorageService({
      config: { localStoragePath: folder },
      inspect: async () => ({ verdict: 'quarantine', reason: 'to be looked at' }),
    })
    onTestFinished(async () => void (await storage.close()))
    const [held, kept] = [marked(9000), marked(9000)]
    const upload = storage.uploadFile(held.content, 'rooms/1/a', { fileName: `${held.mark}.txt` })
    await expect(upload).rejects.toMatchObject({ code: expect.any(String) })
    await expect(storage.uploadFile(kept.content, 'rooms/1/b')).rejects.toMatchObject({})
    expect(searchFolder(folder, [held.mark]).length).toBeGreaterThan(0)
    const { items } = await erase(storage, { key: 'rooms/1/a' })
    expect(items).toMatchObject([{ where: 'quarantine', key: 'rooms/1/a', size: 9000 }])
    expect(searchFolder(folder, [held.mark])).toEqual([])
    expect(searchFolder(folder, [kept.mark])).toHaveLength(1)
  })

  test('what another process was killed on while it removed it from the quarantine', async () => {
    const folder = await useFolder()
    const inspected = new StorageService({
      config: { localStoragePath: folder },
      inspect: async () => ({ verdict: 'quarantine', reason: 'to be looked at' }),
    })
    const held = marked(9000)
    await expect(inspected.uploadFile(held.content, 'rooms/1/a')).rejects.toMatchObject({
      code: 'QUARANTINED',
    })
    await inspected.close()
    const root = await openRoot({ path: folder, create: false })
    const table = new QuarantineTable(root.ledger)
    for (const found of table.page(undefined, 10)) await table.replace(found, { ...found.row, going: true })
    await root.close()
    const storage = await useLocal(folder)
    const { items } = await erase(storage, { prefix: 'rooms/' })
    expect(items).toMatchObject([{ where: 'quarantine', key: 'rooms/1/a', size: 9000 }])
    expect(searchFolder(folder, [held.mark])).toEqual([])
  })

  test('everything below a prefix, and nothing beside it', async () => {
    const folder = await useFolder()
    const storage = await useLocal(folder)
    const gone: string[] = []
    for (let i = 0; i < 120; i++) {
      const { mark, content } = marked([40, 1800, 9000][i % 3])
      gone.push(mark)
      await storage.uploadFile(content, `rooms/7/${i}`)
    }
    const kept = marked(700)
    await storage.uploadFile(kept.content, 'rooms/70')
    const dry = await erase(storage, { prefix: 'rooms/7/' }, { dryRun: true })
    expect(dry.items).toHaveLength(120)
    expect(await storage.listFiles('rooms/7/')).toHaveLength(120)
    const { receipt } = await erase(storage, { prefix: 'rooms/7/' })
    expect(receipt).toMatchObject({ prefix: 'rooms/7/', erased: 120 })
    expect(searchFolder(folder, gone)).toEqual([])
    expect([...(await storage.listFiles())]).toEqual(['rooms/70'])
    await expect(storage.erasePrefix('')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(storage.eraseFile('../x')).rejects.toMatchObject({ code: 'INVALID_KEY' })
    const fsck = execFileSync(process.execPath, ['dist/cli/main.js', 'fsck', '--local-path', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(fsck).not.toMatch(/LEDGER|FILE_/)
  })
})

describe('a bucket that keeps versions', () => {
  test.each([
    ['with a net', {}],
    ['without a net', { objectStorageFallback: false }],
  ])('%s: versions, delete markers and unfinished uploads', async (_, config) => {
    const folder = await useFolder()
    const { stub, storage } = await useVersioned(folder, config)
    const marks: string[] = []
    const put = async (key: string): Promise<void> => {
      const { mark, content } = marked(3000)
      marks.push(mark)
      await storage.uploadFile(content, key)
    }
    await put('a/1')
    await put('a/1')
    await storage.deleteFile('a/1')
    await put('a/1')
    await put('a/2')
    await storage.deleteFile('a/2')
    const bucket = stub.buckets.get('stub')
    const part = marked(2000)
    const begun = new Date(Date.now() - 1000)
    const parts = new Map([[1, { bytes: part.content, etag: 'e', modified: begun }]])
    bucket?.uploads.set('unfinished', { key: 'a/1', headers: {}, tagging: '', begun, parts })
    const other = { key: 'a/10', headers: {}, tagging: '', begun, parts: new Map() }
    bucket?.uploads.set('other', other)
    const kept = marked(100)
    await storage.uploadFile(kept.content, 'a/10')
    expect(searchBucket(stub, [...marks, part.mark]).length).toBe(5)

    const { receipt, items } = await erase(storage, { key: 'a/1' })
    expect(receipt).toMatchObject({ finishedAt: expect.any(Date) })
    expect(items.filter(({ where }) => where === 'upload')).toMatchObject([{ id: 'unfinished', size: 2000 }])
    const versions = items.filter(({ where }) => where === 'bucket')
    expect(versions.filter(({ size }) => size === 3000)).toHaveLength(3)
    for (const { id, size, sha256 } of versions) {
      expect(id).toMatch(/^[0-9a-f]{32}$/)
      if (size !== undefined) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
    expect(bucket?.versions.of('a/1', undefined)).toEqual([])
    expect(searchBucket(stub, [...marks.slice(0, 3), part.mark])).toEqual([])
    expect(bucket?.uploads.has('other')).toBe(true)

    expect((await erase(storage, { prefix: 'a/2' })).items).toHaveLength(2)
    expect(searchBucket(stub, marks)).toEqual([])
    expect(await searchExport(storage, [...marks, part.mark, kept.mark])).toEqual([kept.mark])
    expect(bucket?.versions.keys(bucket.objects).filter(key => !key.startsWith('.holdfast/'))).toEqual([
      'a/10',
    ])
    expect(String(await storage.downloadFile('a/10'))).toBe(String(kept.content))
  })

  test('through an outage: owed, and done when the bucket is back; what is written since stays', async () => {
    const folder = await useFolder()
    const { stub, storage } = await useVersioned(folder, { settleWindowMs: 1500 })
    const marks: string[] = []
    const put = async (size: number): Promise<void> => {
      const { mark, content } = marked(size)
      marks.push(mark)
      await storage.uploadFile(content, 'key')
    }
    await put(300)
    await put(300)
    await stub.goDown()
    await put(1000)
    await put(100_000)
    const { receipt, items } = await erase(storage, { key: 'key' })
    expect(receipt).toMatchObject({ key: 'key', owed: expect.stringContaining('away') })
    expect(receipt).not.toHaveProperty('finishedAt')
    expect(items).toMatchObject([{ where: 'spool', size: 100_000 }])
    expect(await storage.downloadFile('key')).toBeNull()
    // Here nothing is left already.
    expect(searchFolder(folder, marks)).toEqual([])
    expect(await finished(storage)).toBe(false)
    await expect(storage.forgetErasure(receipt.id)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await sleep(20)
    const since = marked(400)
    await storage.uploadFile(since.content, 'key')
    await stub.comeBack()
    await healthy(storage)
    await until('it is done', () => finished(storage), storage)
    expect(searchBucket(stub, marks)).toEqual([])
    expect(searchFolder(folder, marks)).toEqual([])
    expect(String(await storage.downloadFile('key'))).toBe(String(since.content))
    for await (const { id, erased, items } of storage.erasures()) {
      const all: ErasedItem[] = []
      for await (const item of items) all.push(item)
      expect(id).toBe(receipt.id)
      expect(erased).toBe(all.length + 1)
      expect(all.filter(({ where, size }) => where === 'bucket' && size === 300)).toHaveLength(2)
      expect(all[0]?.at).toBeInstanceOf(Date)
    }
    await storage.forgetErasure(receipt.id)
    await expect(storage.forgetErasure(receipt.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    for await (const _ of storage.erasures()) throw new Error('There is none.')
  })

  test('a prefix whose files were not all known is gone on with by another process', async () => {
    const folder = await useFolder()
    const { stub, storage } = await useVersioned(folder, { settleWindowMs: 1500 })
    const marks: string[] = []
    for (let i = 0; i < 5; i++) {
      const { mark, content } = marked(500)
      marks.push(mark)
      await storage.uploadFile(content, `rooms/1/${i}`)
    }
    await storage.deleteFile('rooms/1/4')
    await stub.goDown()
    const late = marked(2000)
    await storage.uploadFile(late.content, 'rooms/1/late')
    const { receipt } = await erase(storage, { prefix: 'rooms/1/' })
    expect(receipt.owed).toBeDefined()
    expect(searchFolder(folder, [late.mark])).toEqual([])
    await storage.close()
    // Another bucket is none of its business.
    const other = await useService(accessOf(await useStub()), { folder })
    await other.ready()
    await sleep(2500)
    expect(await finished(other)).toBe(false)
    await other.close()
    await stub.comeBack()
    const next = await useService(accessOf(stub), { folder, config: { settleWindowMs: 1500 } })
    await next.ready()
    await until('it is done', () => finished(next), next)
    expect(searchBucket(stub, [...marks, late.mark])).toEqual([])
    expect([...(await next.listFiles('rooms/'))]).toEqual([])
    await next.close()
    expect(searchFolder(folder, [...marks, late.mark])).toEqual([])
  })

  test('copies in the read cache, conflicts and files from before the bucket', async () => {
    const folder = await useFolder()
    const before = marked(800)
    const local = new StorageService({ config: { localStoragePath: folder } })
    await local.uploadFile(before.content, 'key')
    await local.close()
    const { stub, storage } = await useVersioned(folder, {
      localCacheMaxBytes: 64 * 1024 * 1024,
      settleWindowMs: 1500,
    })
    await storage.ready()
    expect(String(await storage.downloadFile('key'))).toBe(String(before.content))
    const copied = marked(150_000)
    await storage.uploadFile(copied.content, 'other')
    await until('a copy is kept', async () => {
      await storage.downloadFile('other')
      return (storage.getStatus().cache?.files ?? 0) > 0
    })
    expect(await searchExport(storage, [before.mark, copied.mark])).toEqual([before.mark, copied.mark])
    // Somebody else writes while we are away, and ours comes after: theirs is kept as a conflict.
    await stub.goDown()
    const ours = marked(600)
    await storage.uploadFile(ours.content, 'contested')
    const theirs = marked(700)
    await stub.comeBack()
    const modified = new Date(Date.now() + 8_000)
    stub.buckets.get('stub')?.store('contested', {
      bytes: theirs.content,
      etag: 'theirs',
      modified,
      headers: {},
      tagging: '',
    })
    await until('there is a conflict', () => storage.getStatus().conflicts > 0, storage)
    // What others wrote counts by its date.
    await until('it was written before', () => Date.now() > modified.getTime() - 4_000)
    const marks = [before.mark, copied.mark, ours.mark, theirs.mark]
    const where: string[] = []
    for (const key of ['key', 'other', 'contested']) {
      const { receipt, items } = await erase(storage, { key })
      where.push(...items.map(item => item.where))
      if (receipt.owed !== undefined) await until('it is done', () => finished(storage), storage)
    }
    expect(where).toEqual(expect.arrayContaining(['folder', 'cache', 'conflict', 'bucket']))
    await until('the files are gone', () => searchFolder(folder, marks).length === 0, storage)
    expect(searchBucket(stub, marks)).toEqual([])
    await storage.uploadFile(Buffer.from('since'), 'since')
    expect(await searchExport(storage, marks)).toEqual([])
  })

  test('versions that may not be removed are owed, with the reason', async () => {
    const { stub, storage } = await useVersioned(await useFolder())
    await storage.uploadFile(Buffer.from('one'), 'key')
    await storage.uploadFile(Buffer.from('two'), 'key')
    const refusal = { status: 403, body: '<Error><Code>AccessDenied</Code><Message>No.</Message></Error>' }
    stub.fault = ({ operation }) => (operation === 'DeleteObjects' ? refusal : undefined)
    const { receipt } = await erase(storage, { key: 'key' })
    expect(receipt.owed).toContain('AccessDenied')
    expect(await storage.downloadFile('key')).toBeNull()
    stub.fault = undefined
    await until('it is done', () => finished(storage), storage)
    expect(stub.buckets.get('stub')?.versions.of('key', undefined)).toEqual([])
  })
})

describeReal('a bucket of a real server', server => {
  test('that keeps versions: nothing is found in any of them, nor in parts', async () => {
    const { bucket: name, client, remove } = await openBucket(server)
    onTestFinished(remove)
    const folder = await useFolder()
    const storage = await useService({ ...server, bucket: name }, { folder })
    const bucket = new Bucket(storage.config)
    await bucket.setVersioning(true)
    await bucket.close()
    const marks: string[] = []
    for (const size of [200, 70_000]) {
      const { mark, content } = marked(size)
      marks.push(mark)
      await storage.uploadFile(content, 'rooms/ä b+c')
    }
    await storage.deleteFile('rooms/ä b+c')
    const begun = await client.send(new CreateMultipartUploadCommand({ Bucket: name, Key: 'rooms/ä b+c' }))
    const part = { Bucket: name, Key: 'rooms/ä b+c', UploadId: begun.UploadId, PartNumber: 1, Body: 'part' }
    await client.send(new UploadPartCommand(part))
    await storage.uploadFile(marked(100).content, 'rooms/kept')
    const { receipt, items } = await erase(storage, { key: 'rooms/ä b+c' })
    expect(receipt).not.toHaveProperty('owed')
    expect(items.filter(({ where }) => where === 'upload')).toMatchObject([{ size: 4 }])
    expect(items.filter(({ where, size }) => where === 'bucket' && size !== undefined)).toHaveLength(2)
    const versions = await client.send(new ListObjectVersionsCommand({ Bucket: name, Prefix: 'rooms/' }))
    expect(versions.Versions?.map(({ Key }) => Key)).toEqual(['rooms/kept'])
    expect(versions.DeleteMarkers ?? []).toEqual([])
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket: name }))
    expect(uploads.Uploads ?? []).toEqual([])
    expect(searchFolder(folder, marks)).toEqual([])
    expect(await searchExport(storage, marks)).toEqual([])
  })
})

describe('a bucket that is in use no more', () => {
  async function useOwed(): Promise<{ folder: string; stub: S3Stub; marks: string[]; id: string }> {
    const folder = await useFolder()
    const { stub, storage } = await useVersioned(folder)
    const [early, late] = [marked(500), marked(90_000)]
    await storage.uploadFile(early.content, 'rooms/1')
    await stub.goDown()
    await storage.uploadFile(late.content, 'rooms/1')
    const { receipt } = await erase(storage, { key: 'rooms/1' })
    expect(receipt.owed).toBeDefined()
    // One that goes on by itself is not given up.
    await expect(storage.giveUpErasure(receipt.id)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await storage.close()
    return { folder, stub, marks: [early.mark, late.mark], id: receipt.id }
  }

  async function expectGivenUp(storage: StorageService, id: string, endpoint: string): Promise<void> {
    const receipt = await storage.giveUpErasure(id)
    expect(receipt).toMatchObject({
      key: 'rooms/1',
      target: expect.stringContaining(endpoint),
      finishedAt: expect.any(Date),
      unconfirmed: expect.stringContaining(endpoint),
    })
    expect(receipt).not.toHaveProperty('owed')
    await expect(storage.giveUpErasure(id)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await storage.forgetErasure(id)
    await expect(storage.giveUpErasure(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }

  test('after another was configured, which keeps what it has', async () => {
    const { folder, stub, marks, id } = await useOwed()
    const next = await useStub()
    const before = await useService(accessOf(next))
    await before.uploadFile(Buffer.from('another object'), 'rooms/1')
    const storage = await useService(accessOf(next), { folder })
    for await (const { owed } of storage.erasures()) expect(owed).toContain(stub.endpoint)
    await expectGivenUp(storage, id, stub.endpoint)
    expect(String(await storage.downloadFile('rooms/1'))).toBe('another object')
    expect(searchFolder(folder, marks)).toEqual([])
  })

  test('after the folder was detached, which is refused without --abandon', async () => {
    const { folder, stub, marks, id } = await useOwed()
    const config = completeConfig({ localStoragePath: folder })
    const detaching = await Detachment.open(config)
    expect(detaching.waiting()).toMatchObject({ uploads: 0, erasures: 1 })
    await expect(detaching.finish({ abandon: false })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await detaching.finish({ abandon: true })).toMatchObject({ erasures: 1 })
    await detaching.close()
    const storage = await useLocal(folder)
    await storage.uploadFile(Buffer.from('since'), 'rooms/1')
    await expectGivenUp(storage, id, stub.endpoint)
    expect(String(await storage.downloadFile('rooms/1'))).toBe('since')
    expect(searchFolder(folder, marks)).toEqual([])
  })
})

test('without a folder, what cannot be done now is not promised', async () => {
  const { stub, storage } = await useVersioned(await useFolder(), { objectStorageFallback: false })
  await storage.uploadFile(Buffer.from('one'), 'key')
  await stub.goDown()
  await expect(storage.eraseFile('key')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})
