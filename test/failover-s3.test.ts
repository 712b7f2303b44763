import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageError } from '../src/core/errors.js'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'

let stub: S3Stub
let folder: string
let storage: StorageService

function serviceOf(more: Partial<StorageConfig> = {}): StorageService {
  return new StorageService({
    config: {
      ...settingsOf(accessOf(stub)),
      objectStorageFirstByteTimeoutMs: 1000,
      objectStorageIdleTimeoutMs: 1000,
      localStoragePath: folder,
      probeIntervalMs: 100,
      spoolReserveBytes: 0,
      ...more,
    },
  })
}

async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Not within ${withinMs} ms: ${what}`)
    await sleep(20)
  }
}

/** Whether the bucket counts as away: reading comes back by itself, a moment before or after writing. */
function isAway(): boolean {
  return storage.getStatus().problems.some(problem => problem.code === 'PRIMARY_AWAY')
}

/** All objects that the stub holds, Holdfast's own left out. */
function held(): Map<string, Buffer> {
  const objects = new Map<string, Buffer>()
  for (const [key, object] of stub.buckets.get('stub')?.objects ?? []) {
    if (!key.startsWith('.holdfast/')) objects.set(key, object.bytes)
  }
  return objects
}

async function spooledFiles(): Promise<string[]> {
  const objects = join(folder, '.holdfast', 'objects')
  const names = await readdir(objects, { recursive: true, withFileTypes: true })
  return names.filter(entry => entry.isFile()).map(entry => entry.name)
}

beforeEach(async () => {
  stub = await startS3Stub()
  folder = await mkdtemp(join(tmpdir(), 'holdfast-failover-'))
  storage = serviceOf()
})

afterEach(async () => {
  await storage.close({ drainMs: 100 })
  await stub.close()
  await rm(folder, { recursive: true, force: true })
})

describe('an outage of the object store', () => {
  it('is invisible: files are taken, read, listed and deleted, and reach the bucket when it is back', async () => {
    expect(await storage.uploadFile(Buffer.from('before'), 'a/before.txt')).toMatchObject({
      fallback: false,
      provider: 'minio',
      bucket: 'stub',
    })
    await storage.uploadFile(Buffer.from('doomed'), 'a/doomed.txt')
    await storage.uploadFile(Buffer.from('old'), 'a/replaced.txt')
    await stub.goDown()

    const taken = await storage.uploadFile(Buffer.from('during'), 'a/during.txt', { fileName: 'Größe.txt' })
    expect(taken).toMatchObject({ fallback: true, provider: 'local', url: '/uploads/a/during.txt' })
    await storage.uploadFile(Buffer.from('new'), 'a/replaced.txt')
    await storage.deleteFile('a/doomed.txt')
    expect((await storage.downloadFile('a/during.txt'))?.toString()).toBe('during')
    expect((await storage.downloadFile('a/replaced.txt'))?.toString()).toBe('new')
    expect(await storage.downloadFile('a/doomed.txt')).toBeNull()
    expect(await storage.statFile('a/during.txt')).toMatchObject({
      pending: true,
      fileName: 'Größe.txt',
      size: 6,
    })
    await expect(storage.downloadFile('a/before.txt')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const listed = await storage.listFiles('a/')
    expect([...listed]).toEqual(['a/during.txt', 'a/replaced.txt'])
    expect(listed.complete).toBe(false)
    await expect(storage.deletePrefix('a/')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(storage.getStatus()).toMatchObject({
      state: 'degraded',
      fallbackMode: true,
      pending: 3,
      pendingBytes: 9,
    })
    expect(storage.getStatus().problems.map(problem => problem.code)).toContain('PRIMARY_AWAY')

    await stub.comeBack()
    await until('everything is replicated', () => storage.getStatus().pending === 0 && !isAway())
    await until('all is well', () => storage.getStatus().state === 'healthy')
    expect(storage.getStatus()).toMatchObject({ fallbackMode: false, problems: [] })
    const objects = held()
    expect([...objects.keys()].sort()).toEqual(['a/before.txt', 'a/during.txt', 'a/replaced.txt'])
    expect(objects.get('a/during.txt')?.toString()).toBe('during')
    expect(objects.get('a/replaced.txt')?.toString()).toBe('new')
    const stat = await storage.statFile('a/during.txt')
    expect(stat).toMatchObject({ pending: false, etag: taken.etag, fileName: 'Größe.txt' })
    const after = await storage.listFiles('a/')
    expect([...after]).toEqual(['a/before.txt', 'a/during.txt', 'a/replaced.txt'])
    expect(after.complete).toBe(true)
    expect(await spooledFiles()).toEqual([])
  })

  it('is survived by what was acknowledged when the process ends and starts again', async () => {
    await stub.goDown()
    const content = randomBytes(3_000_000)
    await storage.uploadFile(content, 'kept.bin')
    expect(await storage.close()).toEqual({ pending: 1 })
    storage = serviceOf()
    // Compared as one: taking buffers of this size apart takes the runner half a minute.
    expect((await storage.downloadFile('kept.bin'))?.equals(content)).toBe(true)
    await stub.comeBack()
    await until('it is replicated', () => held().get('kept.bin')?.equals(content) === true)
    await until('nothing is pending', () => storage.getStatus().pending === 0 && !isAway())
  })

  it('in the middle of an upload costs the client no byte twice', async () => {
    const pieces = Array.from({ length: 60 }, () => randomBytes(1024 * 1024))
    let given = 0
    async function* stream(): AsyncGenerator<Buffer> {
      for (const piece of pieces) {
        given++
        if (given === 36) await stub.goDown()
        yield piece
      }
    }
    const result = await storage.uploadFile(stream(), 'big.bin')
    expect(result).toMatchObject({ fallback: true, provider: 'local', size: 60 * 1024 * 1024 })
    expect(given).toBe(60)
    const sha256 = createHash('sha256').update(Buffer.concat(pieces)).digest('hex')
    expect(result.sha256).toBe(sha256)
    const back = await storage.downloadFile('big.bin')
    expect(
      createHash('sha256')
        .update(back ?? Buffer.alloc(0))
        .digest('hex'),
    ).toBe(sha256)
    await stub.comeBack()
    await until('it is replicated', () => storage.getStatus().pending === 0 && !isAway())
    expect(
      createHash('sha256')
        .update(held().get('big.bin') ?? Buffer.alloc(0))
        .digest('hex'),
    ).toBe(sha256)
  })

  it('that hangs makes one upload wait for the first answer, and none once it is known', async () => {
    await storage.uploadFile(Buffer.from('x'), 'first')
    const asked = new Set<string | undefined>()
    stub.fault = ({ operation, key }) => {
      if (operation === 'PutObject') asked.add(key)
      return { stall: 'before-headers' }
    }
    expect(await storage.uploadFile(randomBytes(8 * 1024 * 1024), 'hung')).toMatchObject({ fallback: true })
    for (let i = 0; i < 20; i++) await storage.uploadFile(randomBytes(4096), `quick/${i}`)
    expect([...asked].filter(key => !key?.startsWith('.holdfast/'))).toEqual(['hung'])
    stub.fault = undefined
    await until('everything is replicated', () => storage.getStatus().pending === 0 && !isAway())
    expect(held().size).toBe(22)
  })

  it('with answers that are not its own is an outage, and never a missing file', async () => {
    await storage.uploadFile(Buffer.from('here'), 'here.txt')
    stub.fault = () => ({
      status: 404,
      body: '<html>Not found</html>',
      headers: { 'content-type': 'text/html' },
    })
    await expect(storage.downloadFile('here.txt')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await storage.uploadFile(Buffer.from('there'), 'there.txt')).toMatchObject({ fallback: true })
    stub.fault = () => ({
      status: 200,
      body: '<html>Welcome</html>',
      headers: { 'content-type': 'text/html' },
    })
    expect(await storage.uploadFile(Buffer.from('new'), 'here.txt')).toMatchObject({ fallback: true })
    await storage.deleteFile('there.txt')
    stub.fault = undefined
    await until('everything is replicated', () => storage.getStatus().pending === 0 && !isAway())
    expect(held().get('here.txt')?.toString()).toBe('new')
    expect(held().has('there.txt')).toBe(false)
  })

  it('by refused credentials is an outage with an alarm', async () => {
    await storage.uploadFile(Buffer.from('x'), 'first')
    const body = '<Error><Code>InvalidAccessKeyId</Code><Message>No such key</Message></Error>'
    stub.fault = () => ({ status: 403, body, headers: { 'content-type': 'application/xml' } })
    expect(await storage.uploadFile(Buffer.from('y'), 'second')).toMatchObject({ fallback: true })
    const problem = storage.getStatus().problems.find(found => found.code === 'PRIMARY_AWAY')
    expect(problem?.message).toContain('UNAUTHENTICATED')
    stub.fault = undefined
    await until('it is replicated', () => held().has('second'))
  })

  it('leaves the caller its own mistakes', async () => {
    await stub.goDown()
    const wrong = storage.uploadFile(Buffer.from('abc'), 'wrong', { sha256: '0'.repeat(64) })
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('half')
      throw new Error('the client went away')
    }
    await expect(storage.uploadFile(broken(), 'broken')).rejects.toMatchObject({ code: 'ABORTED' })
    const short = storage.uploadFile(Buffer.from('abc'), 'short', { size: 4 })
    await expect(short).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(storage.getStatus().pending).toBe(0)
    expect(await spooledFiles()).toEqual([])
  })

  it('decides conditions where the truth is known', async () => {
    await storage.uploadFile(Buffer.from('there'), 'there')
    await stub.goDown()
    const create = (key: string): Promise<unknown> =>
      storage.uploadFile(Buffer.from('c'), key, { ifNoneMatch: '*' })
    await expect(create('there')).rejects.toSatisfy(
      error => StorageError.is(error, 'UNAVAILABLE') && error.retryable,
    )
    const taken = await storage.uploadFile(Buffer.from('one'), 'busy')
    await expect(create('busy')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await storage.uploadFile(Buffer.from('two'), 'busy', { ifMatch: taken.etag })
    const late = storage.uploadFile(Buffer.from('three'), 'busy', { ifMatch: taken.etag })
    await expect(late).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    await storage.uploadFile(Buffer.from('loses'), 'there', { ifNoneMatch: '*', onUnknown: 'accept' })
    await storage.uploadFile(Buffer.from('wins'), 'free', { ifNoneMatch: '*', onUnknown: 'accept' })
    const strict = storage.uploadFile(Buffer.from('x'), 'strict', { durability: 'primary' })
    await expect(strict).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await stub.comeBack()
    await until('everything is replicated', () => storage.getStatus().pending === 0 && !isAway())
    expect(held().get('there')?.toString()).toBe('there')
    expect(held().get('free')?.toString()).toBe('wins')
    expect(held().get('busy')?.toString()).toBe('two')
    expect(storage.getStatus().conflicts).toBe(1)
  })
})

describe('object storage that is switched off during an outage', () => {
  it('leaves what was acknowledged readable, takes more, and gets all of it when it is switched on again', async () => {
    await storage.uploadFile(Buffer.from('old'), 'a')
    await stub.goDown()
    await storage.uploadFile(Buffer.from('one'), 'a')
    await storage.close()

    storage = new StorageService({ config: { localStoragePath: folder } })
    expect((await storage.downloadFile('a'))?.toString()).toBe('one')
    expect(await storage.uploadFile(Buffer.from('two'), 'a')).toMatchObject({
      fallback: true,
      provider: 'local',
    })
    await storage.uploadFile(Buffer.from('three'), 'b')
    expect(storage.getStatus()).toMatchObject({ pending: 2, state: 'degraded' })
    await expect(storage.downloadFile('elsewhere')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await storage.close()

    await stub.comeBack()
    storage = serviceOf()
    expect((await storage.downloadFile('a'))?.toString()).toBe('two')
    await until('everything is replicated', () => storage.getStatus().pending === 0 && !isAway())
    expect(held().get('a')?.toString()).toBe('two')
    expect(held().get('b')?.toString()).toBe('three')
  })
})

describe('a bucket that is changed with entries pending', () => {
  it('gets none of another bucket, and they stay readable', async () => {
    await stub.goDown()
    await storage.uploadFile(Buffer.from('for the first'), 'a')
    await storage.close()
    await stub.close()
    stub = await startS3Stub({ buckets: ['stub', 'other'] })
    storage = serviceOf({ objectStorageBucket: 'other' })
    expect((await storage.downloadFile('a'))?.toString()).toBe('for the first')
    expect(storage.getStatus().problems.map(problem => problem.code)).toContain('OTHER_BUCKET')
    await storage.uploadFile(Buffer.from('b'), 'b')
    await sleep(500)
    expect(
      [...(stub.buckets.get('other')?.objects.keys() ?? [])].filter(key => !key.startsWith('.')),
    ).toEqual(['b'])
    expect((await storage.listFiles()).slice().sort()).toEqual(['a', 'b'])
  })
})

describe('files that were local before the bucket was configured', () => {
  it('are read, listed, replaced and deleted as if they were in it', async () => {
    const before = new StorageService({ config: { localStoragePath: folder } })
    for (const name of ['kept', 'replaced', 'deleted']) await before.uploadFile(Buffer.from('old'), name)
    await before.close()
    await storage.uploadFile(Buffer.from('new'), 'replaced')
    await storage.deleteFile('deleted')
    expect((await storage.downloadFile('kept'))?.toString()).toBe('old')
    expect((await storage.downloadFile('replaced'))?.toString()).toBe('new')
    expect(await storage.downloadFile('deleted')).toBeNull()
    expect([...(await storage.listFiles())]).toEqual(['kept', 'replaced'])
    await until('everything is replicated', () => storage.getStatus().pending === 0 && !isAway())
    expect(held().get('replaced')?.toString()).toBe('new')
    expect(await storage.downloadFile('deleted')).toBeNull()
    await stub.goDown()
    expect((await storage.downloadFile('kept'))?.toString()).toBe('old')
    await storage.uploadFile(Buffer.from('newer'), 'replaced')
    await storage.deleteFile('kept')
    expect([...(await storage.listFiles())]).toEqual(['replaced'])
    await stub.comeBack()
    await until('everything is replicated', () => storage.getStatus().pending === 0 && !isAway())
    expect(await storage.downloadFile('kept')).toBeNull()
    expect((await storage.downloadFile('replaced'))?.toString()).toBe('newer')
  })
})

describe('a store that lies', () => {
  it('about what it took is not believed: the entry stays until the bucket is seen to hold it', async () => {
    await storage.uploadFile(Buffer.from('x'), 'first')
    await stub.goDown()
    await storage.uploadFile(Buffer.from('precious'), 'kept')
    const headers = { etag: '"0123456789abcdef0123456789abcdef"', 'x-amz-request-id': '1' }
    stub.fault = ({ operation, key }) =>
      operation === 'PutObject' && key === 'kept' ? { status: 200, headers } : undefined
    await stub.comeBack()
    await until('it was tried', () => (stub.counts['PutObject'] ?? 0) > 3)
    await sleep(300)
    expect(storage.getStatus()).toMatchObject({ pending: 1 })
    expect((await storage.downloadFile('kept'))?.toString()).toBe('precious')
    stub.fault = undefined
    await until('it is replicated', () => storage.getStatus().pending === 0 && !isAway())
    expect(held().get('kept')?.toString()).toBe('precious')
  })
})

describe('a copy of what lies here', () => {
  it('has its SHA-256 in the bucket, also where it is too large for one request', async () => {
    const bytes = randomBytes(9 * 1024 * 1024)
    // Carried out and unanswered, and not looked up either: it is read from here for now.
    stub.fault = ({ operation, key }) => {
      if (key !== 'from') return undefined
      if (operation === 'HeadObject' || operation === 'GetObject') return { status: 503 }
      return operation === 'CompleteMultipartUpload' ? 'lose-answer' : undefined
    }
    const { sha256, fallback } = await storage.uploadFile(bytes, 'from')
    expect(fallback).toBe(true)
    await until('uploads go to the bucket', () => !isAway())
    expect(await storage.copyFile('from', 'to')).toMatchObject({ fallback: false, sha256 })
    stub.fault = undefined
    // What came of the first file may have been taken for an outage.
    await until('the bucket can be read', () => !isAway())
    expect((await storage.statFile('to')).sha256).toBe(sha256)
  })
})
