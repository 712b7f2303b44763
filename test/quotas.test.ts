import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import { StorageService } from '../src/service.js'
import type { QuotaUsage } from '../src/storage.js'
import { useFolder } from './support/failover-service.js'

const PREFIX = 'rooms/42/'

async function open(folder?: string): Promise<StorageService> {
  const storage = new StorageService({ config: { localStoragePath: folder ?? (await useFolder()) } })
  onTestFinished(async () => void (await storage.close()))
  return storage
}

const bytes = (length: number): Buffer => Buffer.alloc(length, 'x')
const exceeded = expect.objectContaining({ code: 'QUOTA_EXCEEDED' })

/** What a quota says, which is what is there, and what a recount says. */
async function usage(storage: StorageService, prefix = PREFIX): Promise<[number, number]> {
  const { totalSizeBytes, fileCount } = await storage.getStorageMetrics({ prefix })
  const told = (await storage.quotas.get(prefix)) as QuotaUsage
  expect(told).toMatchObject({ bytes: totalSizeBytes, files: fileCount, reservedBytes: 0, reservedFiles: 0 })
  const { bytes, files } = await storage.quotas.recount(prefix)
  expect([bytes, files]).toEqual([totalSizeBytes, fileCount])
  return [bytes, files]
}

describe('a quota', () => {
  test('refuses what would be too much, and takes what just fits', async () => {
    const storage = await open()
    const scope = storage.scope(PREFIX, { maxBytes: 100, maxFiles: 3 })
    await scope.uploadFile(bytes(60), 'a')
    await expect(scope.uploadFile(bytes(41), 'b')).rejects.toEqual(exceeded)
    await expect(scope.uploadFile(Readable.from([bytes(41)]), 'b')).rejects.toEqual(exceeded)
    expect(await usage(storage)).toEqual([60, 1])
    await scope.uploadFile(Readable.from([bytes(40)]), 'b')
    await scope.uploadFile(bytes(0), 'empty')
    await expect(scope.uploadFile(bytes(0), 'one-more')).rejects.toEqual(exceeded)
    expect(await usage(storage)).toEqual([100, 3])
    expect(await scope.usage()).toMatchObject({
      prefix: PREFIX,
      bytes: 100,
      files: 3,
      maxBytes: 100,
      maxFiles: 3,
    })
  })

  test('counts what an overwrite adds, a removal takes, and a copy or move brings', async () => {
    const storage = await open()
    const scope = storage.scope(PREFIX, { maxBytes: 100 })
    await scope.uploadFile(bytes(60), 'a')
    await scope.uploadFile(bytes(90), 'a')
    await expect(scope.uploadFile(bytes(101), 'a')).rejects.toEqual(exceeded)
    expect(await usage(storage)).toEqual([90, 1])
    await scope.uploadFile(bytes(30), 'a')
    await scope.copyFile('a', 'b')
    await scope.moveFile('b', 'c')
    expect(await usage(storage)).toEqual([60, 2])
    await storage.uploadFile(bytes(50), 'elsewhere')
    await expect(storage.copyFile('elsewhere', 'rooms/42/d')).rejects.toEqual(exceeded)
    await expect(storage.moveFile('elsewhere', 'rooms/42/d')).rejects.toEqual(exceeded)
    await storage.moveFile('rooms/42/c', 'rooms/421/c')
    await storage.moveFile('elsewhere', 'rooms/42/d')
    expect(await usage(storage)).toEqual([80, 2])
    await storage.deleteFiles(['rooms/42/d', 'rooms/42/none'])
    await scope.deleteFile('none')
    expect(await usage(storage)).toEqual([30, 1])
    await storage.deletePrefix('rooms/')
    expect(await usage(storage)).toEqual([0, 0])
  })

  test('holds for whoever writes below its prefix, and for nobody else', async () => {
    const folder = await useFolder()
    const storage = await open(folder)
    await storage.scope(PREFIX, { maxFiles: 1 }).uploadFile(bytes(1), 'a')
    const other = await open(folder)
    await expect(other.uploadFile(bytes(1), 'rooms/42/b')).rejects.toEqual(exceeded)
    for (const key of ['rooms/421/b', 'rooms/42', 'rooms/4', 'b']) await other.uploadFile(bytes(1), key)
    expect(await usage(other)).toEqual([1, 1])
  })

  test('counts what was there before', async () => {
    const storage = await open()
    for (let i = 0; i < 25; i++) await storage.uploadFile(bytes(i), `rooms/42/${i}`)
    const scope = storage.scope(PREFIX, { maxFiles: 26 })
    await scope.uploadFile(bytes(5), 'new')
    await expect(scope.uploadFile(bytes(5), 'newer')).rejects.toEqual(exceeded)
    expect(await usage(storage)).toEqual([305, 26])
  })

  test('lies within another, and both hold', async () => {
    const storage = await open()
    const room = storage.scope(PREFIX, { maxBytes: 100 })
    const alice = room.scope('alice/', { maxBytes: 80 })
    const bob = room.scope('bob/', { maxBytes: 80 })
    await alice.uploadFile(bytes(70), 'a')
    await expect(alice.uploadFile(bytes(20), 'b')).rejects.toEqual(exceeded)
    await expect(bob.uploadFile(bytes(40), 'a')).rejects.toEqual(exceeded)
    await bob.uploadFile(bytes(30), 'a')
    expect(await usage(storage)).toEqual([100, 2])
    expect(await usage(storage, 'rooms/42/alice/')).toEqual([70, 1])
    const told: string[] = []
    for await (const { prefix, bytes, maxBytes } of storage.quotas.list()) {
      told.push(`${prefix} ${bytes}/${maxBytes}`)
    }
    expect(told).toEqual(['rooms/42/ 100/100', 'rooms/42/alice/ 70/80', 'rooms/42/bob/ 30/80'])
  })

  test('gives back what an upload reserved that came to nothing', async () => {
    const storage = await open()
    const scope = storage.scope(PREFIX, { maxBytes: 1_000_000, maxFiles: 2 })
    async function* failing(): AsyncGenerator<Buffer> {
      yield bytes(900_000)
      throw new Error('gone')
    }
    await expect(scope.uploadFile(failing(), 'a')).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(scope.uploadFile(bytes(10), 'b', { sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await scope.uploadFile(bytes(10), 'c', { ifNoneMatch: '*' })
    await expect(scope.uploadFile(bytes(20), 'c', { ifNoneMatch: '*' })).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    await expect(scope.uploadFile(bytes(20), 'c', { ifMatch: 'x' })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    await expect(scope.deleteFile('c', { ifMatch: 'x' })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    await expect(scope.copyFile('none', 'd')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await usage(storage)).toEqual([10, 1])
  })

  test('is never passed by a stream, however long, while it comes in', async () => {
    const storage = await open()
    const scope = storage.scope(PREFIX, { maxBytes: 3_000_000 })
    let sent = 0
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        sent += 100_000
        yield bytes(100_000)
      }
    }
    const streams = ['a', 'b', 'c'].map(key => scope.uploadFile(endless(), key))
    for (const result of await Promise.allSettled(streams)) {
      expect(result).toMatchObject({ status: 'rejected', reason: exceeded })
    }
    // What is read ahead of a refusal is a part of an upload, each.
    expect(sent).toBeLessThan(3 * 9_000_000 + 3_000_000)
    expect(await usage(storage)).toEqual([0, 0])
    await scope.uploadFile(Readable.from(Array.from({ length: 30 }, () => bytes(100_000))), 'whole')
    expect(await usage(storage)).toEqual([3_000_000, 1])
  })

  test('lets exactly as many through as fit, of a hundred at once', async () => {
    const storage = await open()
    const scope = storage.scope(PREFIX, { maxBytes: 1000 })
    const uploads = Array.from({ length: 100 }, (_, i) =>
      scope.uploadFile(i % 2 === 0 ? bytes(30) : Readable.from([bytes(10), bytes(20)]), `${i}`),
    )
    const results = await Promise.allSettled(uploads)
    const refused = results.filter(result => result.status === 'rejected')
    expect(refused.every(({ reason }) => StorageError.is(reason, 'QUOTA_EXCEEDED'))).toBe(true)
    expect(refused).toHaveLength(100 - 33)
    expect(await usage(storage)).toEqual([990, 33])
  })

  test('counts one key right that many work on at once', async () => {
    const storage = await open()
    const scope = storage.scope(PREFIX, { maxBytes: 100_000 })
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 8 }, async (_, i) => {
          if (i % 4 === 3) await scope.deleteFile('a')
          else await scope.uploadFile(bytes(100 * i + round), 'a')
        }),
      )
      const told = await storage.quotas.get(PREFIX)
      const stat = await storage.statFile('rooms/42/a').catch(() => undefined)
      expect([told?.bytes, told?.files]).toEqual([stat?.size ?? 0, stat === undefined ? 0 : 1])
    }
    expect((await usage(storage))[1]).toBeLessThan(2)
  })

  test('counts what is erased and imported below it, by itself, and leaves other quotas alone', async () => {
    const folder = await useFolder()
    const storage = await open(folder)
    const scope = storage.scope(PREFIX, { maxBytes: 1000 })
    const other = storage.scope('rooms/43/', { maxBytes: 1000 })
    for (const key of ['a/1', 'a/2', 'b']) await scope.uploadFile(bytes(10), key)
    await other.uploadFile(bytes(10), 'a')
    const before = await storage.quotas.get('rooms/43/')
    const since = (await storage.quotas.get(PREFIX))?.countedAt
    const told = { maxBytes: 1000, reservedBytes: 0, exact: true, countedAt: since }
    await storage.erasePrefix('rooms/42/a/', { dryRun: true })
    expect(await storage.quotas.get(PREFIX)).toMatchObject({ bytes: 30, files: 3, ...told })
    await storage.erasePrefix('rooms/42/a/')
    expect(await storage.quotas.get(PREFIX)).toMatchObject({ bytes: 10, files: 1, ...told })
    await storage.eraseFile('rooms/42/b')
    expect(await storage.quotas.get(PREFIX)).toMatchObject({ bytes: 0, files: 0, ...told })
    const path = join(folder, 'rooms', '42', 'found')
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes(7))
    await utimes(path, new Date(0), new Date(0))
    await storage.importFiles()
    await expect
      .poll(() => storage.quotas.get(PREFIX), { timeout: 60_000 })
      .toMatchObject({ bytes: 7, files: 1 })
    expect(await usage(storage)).toEqual([7, 1])
    expect(await storage.quotas.get('rooms/43/')).toEqual(before)
  })
})
