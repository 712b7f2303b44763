import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StorageConfig } from '../src/config.js'
import { StorageService } from '../src/service.js'
import { type S3Stub, startS3Stub } from '../src/testing/s3-stub.js'
import { accessOf, settingsOf } from './support/bucket-settings.js'

let stub: S3Stub
let folder: string
let storage: StorageService

/** Closes the storage that is open, and opens the folder with another configuration. */
async function open(config: Partial<StorageConfig>): Promise<void> {
  await storage?.close({ drainMs: 100 })
  storage = new StorageService({ config: { localStoragePath: folder, ...config } })
}

const on = (bucket = 'stub', more: Partial<StorageConfig> = {}): Promise<void> =>
  open({
    ...settingsOf(accessOf(stub, { bucket })),
    objectStorageFirstByteTimeoutMs: 1000,
    probeIntervalMs: 100,
    spoolReserveBytes: 0,
    ...more,
  })

const off = (): Promise<void> => open({ objectStorageEnabled: false })

const put = (key: string, text: string): ReturnType<StorageService['uploadFile']> =>
  storage.uploadFile(Buffer.from(text), key)

const text = async (key: string): Promise<string | undefined> => (await storage.downloadFile(key))?.toString()

const problems = (): string[] => storage.getStatus().problems.map(problem => problem.code)

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come to this: ${what}`)
    await sleep(20)
  }
}

const drained = async (): Promise<void> => {
  await storage.ready()
  await until(
    'everything is brought over',
    () => storage.getStatus().pending === 0 && !problems().includes('PRIMARY_AWAY'),
  )
}

/** What a bucket holds, Holdfast's own objects left out. */
function held(bucket = 'stub'): Record<string, string> {
  const objects = [...(stub.buckets.get(bucket)?.objects ?? [])].filter(([key]) => !key.startsWith('.'))
  return Object.fromEntries(objects.map(([key, object]) => [key, object.bytes.toString()]))
}

async function spooledFiles(): Promise<string[]> {
  const objects = join(folder, '.holdfast', 'objects')
  const names = await readdir(objects, { recursive: true, withFileTypes: true })
  return names.filter(entry => entry.isFile()).map(entry => entry.name)
}

beforeEach(async () => {
  stub = await startS3Stub({ buckets: ['stub', 'other'] })
  folder = await mkdtemp(join(tmpdir(), 'holdfast-attachment-'))
})

afterEach(async () => {
  await storage.close({ drainMs: 100 })
  await stub.close()
  await rm(folder, { recursive: true, force: true })
})

describe('object storage that is switched off with nothing pending', () => {
  it.each([
    ['OBJECT_STORAGE_ENABLED=false', { objectStorageEnabled: false }],
    ['OBJECT_STORAGE_PROVIDER=local', { objectStorageEnabled: true, objectStorageProvider: 'local' }],
  ])('shadows nothing and brings nothing back when it is on again: %s', async (_, switchedOff) => {
    await on()
    for (const key of ['overwritten', 'deleted', 'kept']) await put(key, 'old')
    expect(storage.getStatus().pending).toBe(0)

    await open(switchedOff)
    expect(await put('overwritten', 'new')).toMatchObject({
      fallback: true,
      provider: 'local',
      url: '/uploads/overwritten',
    })
    await storage.deleteFile('deleted')
    await put('created', 'created')
    expect(await text('overwritten')).toBe('new')
    expect(await text('deleted')).toBeUndefined()
    const unknown = { code: 'UNAVAILABLE', message: expect.stringContaining('switched off') }
    await expect(text('kept')).rejects.toMatchObject(unknown)
    await expect(storage.fileExists('never written')).rejects.toMatchObject(unknown)
    const listed = await storage.listFiles()
    expect({ keys: [...listed], complete: listed.complete }).toEqual({
      keys: ['created', 'overwritten'],
      complete: false,
    })
    expect(storage.getStatus()).toMatchObject({
      state: 'degraded',
      enabled: false,
      fallbackMode: true,
      pending: 3,
    })
    expect(problems()).toEqual(['SWITCHED_OFF'])
    const [problem] = storage.getStatus().problems
    expect(problem?.message).toContain(`${stub.endpoint}/stub`)
    expect(problem?.message).toContain('holdfast detach')

    await open(switchedOff)
    expect(await text('overwritten')).toBe('new')
    expect(await text('deleted')).toBeUndefined()

    await on()
    expect(await text('overwritten')).toBe('new')
    expect(await text('deleted')).toBeUndefined()
    await drained()
    expect(held()).toEqual({ overwritten: 'new', kept: 'old', created: 'created' })
    expect([...(await storage.listFiles())]).toEqual(['created', 'kept', 'overwritten'])
    expect(await spooledFiles()).toEqual([])
  })

  it('decides conditions where the truth is known, and deletes nothing by an incomplete listing', async () => {
    await on()
    await put('there', 'old')
    await off()
    const create = (key: string): Promise<unknown> =>
      storage.uploadFile(Buffer.from('x'), key, { ifNoneMatch: '*' })
    await expect(create('there')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const { etag } = await put('here', 'one')
    await expect(create('here')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await storage.uploadFile(Buffer.from('two'), 'here', { ifMatch: etag })
    await expect(storage.deleteFile('here', { ifMatch: etag })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    await expect(storage.deletePrefix('h')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await storage.copyFile('here', 'copy')
    await expect(storage.copyFile('there', 'copy2')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(storage.importFiles()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('holdfast detach'),
    })
    await on()
    await drained()
    expect(held()).toEqual({ there: 'old', here: 'two', copy: 'two' })
  })
})

describe('a storage folder', () => {
  it('is attached by the first upload, not by a look at the bucket', async () => {
    await off()
    await put('mine', 'local')
    await on()
    expect(await text('nothing')).toBeUndefined()
    expect([...(await storage.listFiles())]).toEqual(['mine'])
    await off()
    expect(await text('nothing')).toBeUndefined()
    expect(await put('mine', 'newer')).toMatchObject({ fallback: true, provider: 'local' })
    expect(storage.getStatus()).toMatchObject({ state: 'healthy', pending: 0, problems: [] })
    await on()
    expect(await text('mine')).toBe('newer')
  })

  it.each(['upload', 'delete'])('is attached by an %s that the bucket never answered', async what => {
    await on()
    await stub.goDown()
    if (what === 'upload') await put('a', 'taken')
    else await storage.deleteFile('a')
    await off()
    expect(problems()).toEqual([])
    await storage.ready()
    expect(problems()).toEqual(['SWITCHED_OFF'])
    expect(storage.getStatus()).toMatchObject({ pending: 1 })
  })
})

describe('OBJECT_STORAGE_FALLBACK=false', () => {
  const withoutNet = (): Promise<void> => on('stub', { objectStorageFallback: false })

  it('takes effect when everything that the folder holds has been brought to the bucket', async () => {
    await on()
    for (const key of ['overwritten', 'deleted']) await put(key, 'v0')
    await stub.goDown()
    await put('overwritten', 'v1')
    await storage.deleteFile('deleted')
    await withoutNet()
    expect([await text('overwritten'), await text('deleted')]).toEqual(['v1', undefined])
    await stub.comeBack()
    await drained()
    expect(held()).toEqual({ overwritten: 'v1' })
  })

  it('takes nothing on the disk, and makes no folder', async () => {
    await withoutNet()
    await put('a', 'x')
    expect(await readdir(folder)).toEqual([])
    await on()
    await put('b', 'x')
    await withoutNet()
    await stub.goDown()
    await expect(put('c', 'x')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('a bucket that is changed with entries pending', () => {
  it('gets none of them, and the first gets all of them when it is configured again', async () => {
    await on()
    for (const key of ['overwritten', 'deleted', 'removed', 'untouched']) await put(key, 'v0')
    await stub.goDown()
    for (const key of ['overwritten', 'deleted', 'untouched']) await put(key, 'v1')
    await storage.deleteFile('removed')
    await storage.close()
    await stub.comeBack()

    await on('other')
    expect(await text('untouched')).toBe('v1')
    expect(storage.getStatus().problems).toEqual([
      expect.objectContaining({ code: 'OTHER_BUCKET', message: expect.stringContaining('/stub)') }),
    ])
    await put('overwritten', 'v2')
    await storage.deleteFile('deleted')
    await put('removed', 'v2')
    expect(await text('overwritten')).toBe('v2')
    expect(await text('deleted')).toBeUndefined()
    await drained()
    expect(held('other')).toEqual({ overwritten: 'v2', removed: 'v2' })
    expect(held('stub')['untouched']).toBe('v0')
    expect(await text('overwritten')).toBe('v2')
    expect(await text('deleted')).toBeUndefined()
    expect(await text('untouched')).toBe('v1')
    expect([...(await storage.listFiles())]).toEqual(['overwritten', 'removed', 'untouched'])
    expect(problems()).toEqual(['OTHER_BUCKET'])

    await on('stub')
    expect(await text('overwritten')).toBe('v1')
    expect(await text('deleted')).toBe('v1')
    expect(await text('removed')).toBeUndefined()
    await drained()
    expect(held('stub')).toEqual({ overwritten: 'v1', deleted: 'v1', untouched: 'v1' })
    expect(held('other')).toEqual({ overwritten: 'v2', removed: 'v2' })
    expect(problems()).toEqual([])
    expect(await spooledFiles()).toEqual([])
  })

  it('does not bring back, by what waits for the one, a file that was deleted from the other', async () => {
    await on()
    await stub.goDown()
    await put('k', 'for the first')
    await storage.close()
    await stub.comeBack()
    await on('other')
    expect(await text('k')).toBe('for the first')
    await storage.deleteFile('k')
    await drained()
    await stub.goDown()
    await on('stub')
    expect(await text('k')).toBe('for the first')
    await on('other')
    await storage.ready()
    await stub.comeBack()
    await until('it is back', () => !problems().includes('PRIMARY_AWAY'))
    expect(await text('k')).toBeUndefined()
    expect([...(await storage.listFiles())]).toEqual([])
    await on('stub')
    await drained()
    expect([held('stub'), held('other')]).toEqual([{ k: 'for the first' }, {}])
  })

  it('keeps apart what waits for the one and for the other, under the same key', async () => {
    await on()
    await put('k', 'first v0')
    await stub.goDown()
    await put('k', 'first v1')
    await on('other')
    await put('k', 'other v1')
    await put('k', 'other v2')
    expect(await text('k')).toBe('other v2')
    await on('stub')
    expect(await text('k')).toBe('first v1')
    await storage.deleteFile('k')
    await on('other')
    expect(await text('k')).toBe('other v2')
    expect(storage.getStatus()).toMatchObject({ pending: 1 })
    expect(problems()).toContain('OTHER_BUCKET')
    await stub.comeBack()
    await drained()
    await on('stub')
    expect(await text('k')).toBeUndefined()
    await drained()
    expect([held('stub'), held('other')]).toEqual([{}, { k: 'other v2' }])
    expect(await spooledFiles()).toEqual([])
  })
})

describe('files that were local before the bucket', () => {
  const local = async (): Promise<void> => {
    await off()
    for (const key of ['kept', 'overwritten', 'deleted']) await put(key, 'local')
  }

  it('that are overwritten or deleted stay so through an outage, a switch and the return', async () => {
    await local()
    await on()
    await put('overwritten', 'new')
    await storage.deleteFile('deleted')
    await drained()
    await stub.goDown()
    // Only the bucket knows the newer version now, and nobody shows the older one.
    await expect(text('overwritten')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(text('deleted')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await text('kept')).toBe('local')
    await put('kept', 'newer')
    await off()
    expect(await text('kept')).toBe('newer')
    await stub.comeBack()
    await on()
    await drained()
    expect(held()).toEqual({ overwritten: 'new', kept: 'newer' })
    expect(await text('deleted')).toBeUndefined()
    await off()
    await expect(text('deleted')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('that are overwritten or deleted during the outage stay so', async () => {
    await local()
    await on()
    await stub.goDown()
    await put('overwritten', 'new')
    await storage.deleteFile('deleted')
    expect([await text('overwritten'), await text('deleted')]).toEqual(['new', undefined])
    await on()
    expect([await text('overwritten'), await text('deleted')]).toEqual(['new', undefined])
    await stub.comeBack()
    await drained()
    expect(held()).toEqual({ overwritten: 'new' })
    await storage.deleteFile('overwritten')
    await drained()
    expect([...(await storage.listFiles())]).toEqual(['kept'])
  })

  it('do not come back where somebody else has overwritten and deleted what replaced them', async () => {
    await local()
    await on()
    await stub.goDown()
    await put('overwritten', 'ours')
    await storage.deleteFile('deleted')
    const objects = stub.buckets.get('stub')
    for (const key of ['overwritten', 'deleted']) {
      objects?.store(key, {
        bytes: Buffer.from('theirs'),
        etag: createHash('md5').update('theirs').digest('hex'),
        modified: new Date(Date.now() + 3_600_000),
        headers: { 'content-type': 'text/plain' },
        tagging: '',
      })
    }
    await stub.comeBack()
    await drained()
    expect([await text('overwritten'), await text('deleted')]).toEqual(['theirs', 'theirs'])
    expect(storage.getStatus()).toMatchObject({ conflicts: 1 })
    for (const key of ['overwritten', 'deleted']) objects?.objects.delete(key)
    expect([await text('overwritten'), await text('deleted')]).toEqual([undefined, undefined])
    expect([...(await storage.listFiles())]).toEqual(['kept'])
  })

  it('are joined, when the folder is attached, by those that others have put into it', async () => {
    await local()
    const stray = join(folder, 'by hand.txt')
    await writeFile(stray, 'stray')
    await utimes(stray, new Date(0), new Date(0))
    await off()
    expect(await text('by hand.txt')).toBeUndefined()
    await on()
    expect(await text('by hand.txt')).toBeUndefined()
    await put('new', 'in the bucket')
    await until('it is known', async () => (await text('by hand.txt')) === 'stray')
    expect([...(await storage.listFiles())]).toEqual(['by hand.txt', 'deleted', 'kept', 'new', 'overwritten'])
    await storage.deleteFile('by hand.txt')
    await drained()
    await off()
    await expect(text('by hand.txt')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})
