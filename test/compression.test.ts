import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Attributes } from '../src/core/attributes.js'
import type { Original } from '../src/core/compression.js'
import { parseKey } from '../src/core/key.js'
import { openSource } from '../src/core/source.js'
import { storeGzipped } from '../src/service/upload-compressed.js'
import { StorageService } from '../src/service.js'
import { MemoryStore } from '../src/stores/memory.js'
import { Random } from '../src/testing/conformance-random.js'
import { accessOf } from './support/bucket-settings.js'
import { until, useFolder, useService, useStub } from './support/failover-service.js'

const MIB = 1024 * 1024
const LONG = process.env['HOLDFAST_TEST_LONG'] === '1'
const KEY = parseKey('file')

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Lines of JSON that shrink to about a sixth. */
function lines(bytes: number): Buffer {
  const parts: string[] = []
  for (let length = 0, n = 0; length < bytes; n++) {
    const line = `${JSON.stringify({ n, room: n % 50, user: randomBytes(4).toString('hex'), text: 'hello there' })}\n`
    parts.push(line)
    length += line.length
  }
  return Buffer.from(parts.join('').slice(0, bytes))
}

/** A service over a store of the test's own. */
function over(store = new MemoryStore()): { store: MemoryStore; storage: StorageService } {
  const storage = new StorageService({ config: {}, store })
  onTestFinished(async () => void (await storage.close()))
  return { store, storage }
}

/** Files of no name that this process holds open. */
const openSpills = (): number =>
  readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('/spill-')
    } catch {
      return false
    }
  }).length

describe('stored bytes that are not those that were compressed', () => {
  const text = lines(300_000)
  const packed = gzipSync(text)
  const original: Original = { encoding: 'gzip', size: text.length, sha256: sha256(text) }

  async function holding(bytes: Buffer, told: Original = original): Promise<StorageService> {
    const { store, storage } = over()
    const attributes: Attributes = {
      contentType: 'text/plain',
      metadata: {},
      contentEncoding: told.encoding,
      original: told,
    }
    await store.put(KEY, await openSource(bytes), { attributes })
    return storage
  }

  test('are read where they are right', async () => {
    expect(await (await holding(packed)).downloadFile('file')).toEqual(text)
  })

  const flipped = Buffer.from(packed)
  flipped[packed.length >> 1] = (flipped[packed.length >> 1] ?? 0) ^ 0x10
  test.each([
    ['changed in the middle', flipped, original],
    ['cut off', packed.subarray(0, packed.length - 20), original],
    ['cut off within the trailer', packed.subarray(0, packed.length - 1), original],
    ['gone', Buffer.alloc(0), original],
    ['never compressed', text, original],
    ['more than recorded', packed, { ...original, size: text.length - 1 }],
    ['fewer than recorded', packed, { ...original, size: text.length + 1 }],
    ['with another member behind', Buffer.concat([packed, gzipSync('x')]), original],
    ['other content', packed, { ...original, sha256: '0'.repeat(64) }],
    ['of another encoding', packed, { ...original, encoding: 'br' as const }],
  ])('are INTEGRITY: %s', async (_, bytes, told) => {
    const storage = await holding(bytes, told)
    await expect(storage.downloadFile('file')).rejects.toMatchObject({ code: 'INTEGRITY', key: 'file' })
    const got: Uint8Array[] = []
    const reading = async (): Promise<void> => {
      for await (const piece of await storage.openFile('file')) got.push(piece)
    }
    await expect(reading()).rejects.toMatchObject({ code: 'INTEGRITY' })
    expect(Buffer.concat(got).length).toBeLessThan(told.size)
  })

  test('do not unfold without end', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB))
    const storage = await holding(bomb, { ...original, size: 1000 })
    const before = process.memoryUsage().rss
    await expect(storage.downloadFile('file')).rejects.toMatchObject({ code: 'INTEGRITY' })
    const range = { start: 0, end: 9 }
    await expect(storage.downloadFile('file', { range })).rejects.toMatchObject({ code: 'INTEGRITY' })
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB)
  })
})

test(`${LONG ? 10_000 : 1000} random ranges are those of the content`, async () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = new Random(seed)
  const { storage } = over()
  const bytes = lines(100_000)
  for (const encoding of ['gzip', 'br'] as const) {
    await storage.uploadFile(bytes, 'file', { compress: encoding })
    for (let i = 0; i < (LONG ? 5000 : 500); i++) {
      const start = random.below(bytes.length)
      const end = start + random.below(bytes.length)
      const last = 1 + random.below(bytes.length)
      const range = i % 3 === 0 ? { last } : { start, end }
      const expected = i % 3 === 0 ? bytes.subarray(-last) : bytes.subarray(start, end + 1)
      const got = await storage.downloadFile('file', { range })
      if (got === null || !got.equals(expected)) {
        throw new Error(`Seed ${seed}: another ${JSON.stringify(range)}`)
      }
    }
  }
}, 120_000)

test('nothing is left open of uploads that end in the middle', async () => {
  const folder = await useFolder()
  const storage = new StorageService({ config: { localStoragePath: folder } })
  onTestFinished(async () => void (await storage.close()))
  // What little the sample saves is enough for this encoding, and what is kept is too much for memory.
  const bytes = Buffer.concat([lines(MIB), randomBytes(20 * MIB)])
  const controller = new AbortController()
  async function* aborting(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += MIB) {
      if (at === 15 * MIB) {
        expect(openSpills()).toBe(1)
        controller.abort()
      }
      yield bytes.subarray(at, at + MIB)
    }
  }
  const { signal } = controller
  await expect(storage.uploadFile(aborting(), 'file', { compress: 'gzip', signal })).rejects.toMatchObject({
    code: 'ABORTED',
  })
  await expect(
    storage.uploadFile(bytes, 'file', { compress: 'gzip', sha256: '0'.repeat(64) }),
  ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  expect(await storage.fileExists('file')).toBe(false)
  await storage.uploadFile(bytes, 'file', { compress: 'gzip' })
  await until('every spill is closed', () => openSpills() === 0)
  expect(readdirSync(join(folder, '.holdfast', 'tmp')).filter(name => name.startsWith('spill-'))).toEqual([])
  expect((await storage.downloadFile('file'))?.equals(bytes)).toBe(true)
})

test('content that its caller changes meanwhile is stored as it was, or not at all', async () => {
  const { storage } = over()
  const bytes = lines(3 * MIB)
  const uploading = storage.uploadFile(bytes, 'file', { compress: 'gzip' })
  await sleep(5)
  bytes.fill(0, MIB)
  const { sha256: told } = await uploading
  const stored = await storage.downloadFile('file')
  expect(sha256(stored ?? Buffer.alloc(0))).toBe(told)
})

test('zstd is stored where Node has it, and else refused before the content is touched', async () => {
  const { storage } = over()
  const bytes = lines(50_000)
  const uploading = storage.uploadFile(bytes, 'file', { compress: 'zstd' })
  if ('createZstdCompress' in (await import('node:zlib'))) {
    expect((await uploading).compressed?.encoding).toBe('zstd')
    expect(await storage.downloadFile('file')).toEqual(bytes)
  } else {
    await expect(uploading).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    const pull = vi.fn()
    const stream = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
    const streamed = storage.uploadFile(stream, 'file', { compress: 'zstd' })
    await expect(streamed).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(pull).not.toHaveBeenCalled()
  }
})

test('locally, what lies under its own name in the folder is never compressed', async () => {
  const folder = await useFolder()
  const storage = new StorageService({ config: { localStoragePath: folder } })
  onTestFinished(async () => void (await storage.close()))
  const bytes = lines(50_000)
  await storage.uploadFile(bytes, 'a/b.txt')
  await until('it lies in its place', () => existsSync(join(folder, 'a/b.txt')))
  const large = lines(2 * MIB)
  const written = await storage.uploadFile(large, 'a/b.txt', { compress: 'gzip' })
  await until('its place is empty', () => !existsSync(join(folder, 'a/b.txt')))
  expect(written.provider === 'local' && written.path).toContain(join('.holdfast', 'objects'))
  await storage.close()
  const again = new StorageService({ config: { localStoragePath: folder } })
  onTestFinished(async () => void (await again.close()))
  expect((await again.downloadFile('a/b.txt'))?.equals(large)).toBe(true)
  await again.uploadFile(bytes, 'a/b.txt')
  await until('it lies in its place', () => existsSync(join(folder, 'a/b.txt')))
  expect(readFileSync(join(folder, 'a/b.txt'))).toEqual(bytes)
})

test('an object store tells others how the bytes are encoded, before, during and after an outage', async () => {
  const stub = await useStub()
  const storage = await useService(accessOf(stub), { config: { localCacheMaxBytes: 100 * MIB } })
  const small = lines(40_000)
  const large = Buffer.concat([lines(2 * MIB), randomBytes(9 * MIB)])
  const isThere = async (key: string, bytes: Buffer): Promise<void> => {
    const stored = stub.buckets.get('stub')?.objects.get(key)
    expect(stored?.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(stored?.bytes ?? Buffer.alloc(0)).equals(bytes)).toBe(true)
  }
  const reads = async (key: string, bytes: Buffer): Promise<void> => {
    expect((await storage.downloadFile(key))?.equals(bytes)).toBe(true)
    const range = { start: bytes.length - 10_000, end: bytes.length - 9001 }
    expect(await storage.downloadFile(key, { range })).toEqual(bytes.subarray(-10_000, -9000))
    const stat = await storage.statFile(key)
    expect(stat).toMatchObject({ size: bytes.length, sha256: sha256(bytes) })
    expect(stat.compressed?.encoding).toBe('gzip')
  }
  for (const [key, bytes] of [
    ['small', small],
    ['large', large],
  ] as const) {
    await storage.uploadFile(bytes, key, { compress: 'gzip' })
    await isThere(key, bytes)
    await reads(key, bytes)
  }
  const areKept = async (): Promise<boolean> => {
    await reads('small', small)
    return (storage.getStatus().cache?.files ?? 0) > 0
  }
  await until('the read cache keeps what is stored', areKept, storage)
  await stub.goDown()
  await reads('small', small)
  for (const [key, bytes] of [
    ['small-away', small],
    ['large-away', large],
  ] as const) {
    const { fallback } = await storage.uploadFile(bytes, key, { compress: 'auto' })
    expect(fallback).toBe(true)
    await reads(key, bytes)
    await storage.copyFile(key, `${key}-copy`)
  }
  await stub.comeBack()
  await until('everything is there', () => storage.getStatus().pending === 0, storage)
  for (const key of ['small-away', 'small-away-copy']) {
    await isThere(key, small)
    await reads(key, small)
  }
  for (const key of ['large-away', 'large-away-copy']) {
    await isThere(key, large)
    await reads(key, large)
  }
}, 120_000)

describe('uploadCompressed', () => {
  test('stores a gzip file below a nested key, and leaves nothing beside', async () => {
    const folder = await useFolder()
    const { storage } = over()
    const bytes = lines(2 * MIB)
    writeFileSync(join(folder, 'log.jsonl'), bytes)
    const options = { metadata: { a: 'b' } }
    const result = await storeGzipped(storage, join(folder, 'log.jsonl'), 'logs/2026/log.jsonl', options)
    expect(result).toMatchObject({ key: 'logs/2026/log.jsonl.gz', contentType: 'application/gzip' })
    const stored = await storage.downloadFile('logs/2026/log.jsonl.gz')
    expect(result.size).toBe(stored?.length)
    expect(gunzipSync(stored ?? Buffer.alloc(0)).equals(bytes)).toBe(true)
    expect(await storage.statFile(result.key)).toMatchObject({ metadata: { a: 'b' } })
    expect(readdirSync(folder)).toEqual(['log.jsonl'])
  })

  test('says what is wrong, and stores nothing', async () => {
    const folder = await useFolder()
    const { storage } = over()
    const path = join(folder, 'file')
    await expect(storeGzipped(storage, path, 'k', {})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    writeFileSync(path, lines(MIB))
    await expect(storeGzipped(storage, path, '../k', {})).rejects.toMatchObject({ code: 'INVALID_KEY' })
    const limited = storeGzipped(storage, path, 'k', { maxBytes: 1000 })
    await expect(limited).rejects.toMatchObject({ code: 'TOO_LARGE' })
    const gone = { signal: AbortSignal.abort() }
    await expect(storeGzipped(storage, path, 'k', gone)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await storage.listFiles()).toHaveLength(0)
  })
})
