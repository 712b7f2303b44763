import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { StorageError } from '../src/core/errors.js'
import type { StorageService } from '../src/service.js'
import type { Fault, S3Stub } from '../src/testing/s3-stub.js'
import { accessOf } from './support/bucket-settings.js'
import { healthy, heldBy, textOf, until, useFolder, useService, useStub } from './support/failover-service.js'

// What failover makes of answers that are broken, lie, or refuse, and of clocks that are wrong.

const MIB = 1024 * 1024

const problemsOf = (storage: StorageService): string[] =>
  storage.getStatus().problems.map(problem => `${problem.code} ${problem.message}`)

const xml = (status: number, code: string): Fault => ({
  status,
  body: `<Error><Code>${code}</Code><Message>m</Message></Error>`,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': '1' },
})

/** Puts so much to a store that is away that nothing more is sent there. */
async function fill(storage: StorageService, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    expect(await storage.uploadFile(Buffer.from(`of ${key}`), key)).toMatchObject({ fallback: true })
  }
}

describe('a broken answer', () => {
  const BROKEN: [string, Fault][] = [
    ['is longer by its length than what comes', { truncate: 'content-length' }],
    ['has no last chunk', { truncate: 'chunked' }],
    ['ends with its connection, too soon', { truncate: 'close' }],
    ['is short, and says so', { truncate: 'matching' }],
    ['has another byte', { wrong: 'bytes' }],
    ['has another ETag', { wrong: 'etag' }],
  ]

  test.each(BROKEN)('that %s is no file, and undoes no write', async (_, fault) => {
    const stub = await useStub()
    const storage = await useService(accessOf(stub))
    const content = randomBytes(100_000)
    await storage.uploadFile(content, 'there')
    stub.fault = ({ operation }) => (operation === 'GetObject' ? fault : undefined)
    for (let i = 0; i < 3; i++) {
      const read = await storage.downloadFile('there').catch((error: unknown) => error)
      // An ETag says nothing where the SHA-256 is known.
      if (Buffer.isBuffer(read))
        expect([read.equals(content), 'wrong' in Object(fault)]).toEqual([true, true])
      else expect(['INTEGRITY', 'UNAVAILABLE']).toContain(StorageError.is(read) ? read.code : read)
    }
    // Now everything is answered like that.
    stub.fault = () => fault
    for (let i = 0; i < 4; i++) await storage.uploadFile(Buffer.from(`round ${i}`), `new ${i}`)
    await storage.uploadFile(Buffer.from('replaced'), 'there')
    expect(['replaced', 'away']).toContain(
      await textOf(storage, 'there').catch((error: unknown) =>
        StorageError.is(error, 'INTEGRITY') ? 'away' : Promise.reject(error),
      ),
    )
    await storage.deleteFile('new 3')
    stub.fault = undefined
    await healthy(storage)
    expect(Object.fromEntries(heldBy(stub))).toEqual({
      there: 'replaced',
      'new 0': 'round 0',
      'new 1': 'round 1',
      'new 2': 'round 2',
    })
  })
})

describe('a success that is none', () => {
  test('of completing an upload, or of a copy, is no success, and stays pending', async () => {
    const stub = await useStub()
    const storage = await useService(accessOf(stub), { config: { objectStoragePartBytes: 5 * MIB } })
    await storage.uploadFile(Buffer.from('source'), 'source')
    const content = randomBytes(9 * MIB)
    stub.fault = ({ operation }) =>
      operation === 'CompleteMultipartUpload' || operation === 'CopyObject'
        ? { errorIn200: 'InternalError' }
        : undefined
    expect(await storage.uploadFile(content, 'large')).toMatchObject({ fallback: true, size: 9 * MIB })
    expect(heldBy(stub).has('large')).toBe(false)
    expect((await storage.downloadFile('large'))?.equals(content)).toBe(true)
    await storage.copyFile('source', 'copy')
    expect(await textOf(storage, 'copy')).toBe('source')
    await sleep(500)
    expect(storage.getStatus().pending).toBeGreaterThan(0)
    stub.fault = undefined
    await healthy(storage)
    expect(stub.buckets.get('stub')?.objects.get('large')?.bytes.equals(content)).toBe(true)
    expect(heldBy(stub).get('copy')).toBe('source')
    expect(stub.buckets.get('stub')?.uploads.size).toBe(0)
  })

  test('of a put of which less is there than was sent stays pending, and is made good', async () => {
    const stub = await useStub()
    const storage = await useService(accessOf(stub))
    await storage.uploadFile(Buffer.from('x'), 'warm')
    await stub.goDown()
    await fill(storage, ['a', 'b', 'kept'])
    let shortened = 0
    stub.fault = ({ operation, key }) => {
      const object = stub.buckets.get('stub')?.objects.get('kept')
      if (operation === 'HeadObject' && key === 'kept' && object !== undefined && shortened < 3) {
        shortened++
        Object.assign(object, { bytes: object.bytes.subarray(0, 3) })
      }
      return undefined
    }
    await stub.comeBack()
    await until('it was looked at', () => shortened === 3, storage)
    expect(await textOf(storage, 'kept')).toBe('of kept')
    await healthy(storage)
    expect(heldBy(stub).get('kept')).toBe('of kept')
  })
})

describe('a refusal in the middle of the replay', () => {
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)

  /** A storage with all of the keys pending, over a store that comes back. */
  async function pending(): Promise<{ stub: S3Stub; storage: StorageService }> {
    const stub = await useStub()
    const storage = await useService(accessOf(stub))
    await storage.uploadFile(Buffer.from('x'), 'warm')
    await stub.goDown()
    await fill(storage, keys)
    return { stub, storage }
  }

  test.each(['InvalidAccessKeyId', 'AccessDenied'])(
    'of everything (403 %s) leaves all that is left pending, with an alarm, until it ends',
    async code => {
      const { stub, storage } = await pending()
      let taken = 0
      stub.fault = ({ operation, key }) =>
        (operation === 'PutObject' && key.startsWith('k') && ++taken > 5) || taken > 5
          ? xml(403, code)
          : undefined
      await stub.comeBack()
      await until('it was refused', () => taken > 5, storage)
      await until('there is an alarm', () =>
        problemsOf(storage).some(text => text.startsWith('PRIMARY_AWAY')),
      )
      await sleep(500)
      const { pending: left, parked } = storage.getStatus()
      expect(left).toBeGreaterThan(0)
      expect(parked).toBe(0)
      for (const key of keys) expect(['away', `of ${key}`]).toContain(await textOf(storage, key))
      stub.fault = undefined
      await healthy(storage)
      for (const key of keys) expect(heldBy(stub).get(key)).toBe(`of ${key}`)
    },
  )

  test('of one entry parks it, with its reason and an alarm, and the others go on', async () => {
    const { stub, storage } = await pending()
    stub.fault = ({ operation, key }) =>
      operation === 'PutObject' && key === 'k7' ? xml(403, 'AccessDenied') : undefined
    await stub.comeBack()
    await until('it is parked', () => storage.getStatus().parked === 1, storage)
    await until('the others have arrived', () => heldBy(stub).size === keys.length, storage)
    expect(problemsOf(storage).join()).toContain('PARKED')
    expect(await textOf(storage, 'k7')).toBe('of k7')
    // A newer version is another entry.
    stub.fault = undefined
    await storage.uploadFile(Buffer.from('newer'), 'k7')
    await healthy(storage)
    expect(heldBy(stub).get('k7')).toBe('newer')
  })

  test('because the bucket is gone is an outage with an alarm, and over when it was made again', async () => {
    const { stub, storage } = await pending()
    const buckets = stub.buckets as Map<
      string,
      S3Stub['buckets'] extends ReadonlyMap<string, infer B> ? B : never
    >
    const bucket = buckets.get('stub')
    if (bucket === undefined) throw new Error('The stub has its bucket.')
    buckets.delete('stub')
    await stub.comeBack()
    await until('there is an alarm', () => problemsOf(storage).join().includes('NO_SUCH_BUCKET'), storage)
    expect(await storage.uploadFile(Buffer.from('during'), 'during')).toMatchObject({ fallback: true })
    expect(await textOf(storage, 'warm')).toBe('away')
    await sleep(500)
    expect(storage.getStatus()).toMatchObject({ pending: keys.length + 1, parked: 0 })
    for (const key of [...bucket.objects.keys()]) bucket.remove(key)
    buckets.set('stub', bucket)
    await healthy(storage)
    expect(heldBy(stub).size).toBe(keys.length + 1)
    expect(await textOf(storage, 'warm')).toBeNull()
  })
})

describe('a clock that is wrong', () => {
  const HOUR = 3_600_000

  test.each([HOUR, -HOUR, 16 * 60_000, -16 * 60_000])(
    'by %d ms at the store costs one question, and reorders nothing',
    async offset => {
      const stub = await useStub()
      const storage = await useService(accessOf(stub))
      await storage.uploadFile(Buffer.from('one'), 'k')
      stub.clockOffsetMs = offset
      stub.resetCounts()
      for (let i = 0; i < 10; i++) {
        expect(await storage.uploadFile(Buffer.from(`v${i}`), 'k')).toMatchObject({ fallback: false })
      }
      expect(stub.counts['PutObject']).toBe(11)
      await stub.goDown()
      await fill(storage, ['a', 'b', 'c'])
      await storage.uploadFile(Buffer.from('last here'), 'k')
      stub.clockOffsetMs = 0
      await stub.comeBack()
      await healthy(storage)
      expect(heldBy(stub).get('k')).toBe('last here')
      await storage.uploadFile(Buffer.from('last'), 'k')
      expect(heldBy(stub).get('k')).toBe('last')
    },
  )

  test('and steps back here, also across a restart, reorders nothing', async () => {
    const stub = await useStub()
    const folder = await useFolder()
    const now = Date.now
    onTestFinished(() => void vi.restoreAllMocks())
    let offset = HOUR
    vi.spyOn(Date, 'now').mockImplementation(() => now() + offset)
    const first = await useService(accessOf(stub), { folder })
    await first.uploadFile(Buffer.from('at the bucket'), 'direct')
    await stub.goDown()
    await fill(first, ['a', 'b', 'k'])
    offset = 0
    await first.uploadFile(Buffer.from('second'), 'k')
    await first.uploadFile(Buffer.from('newer'), 'direct')
    await first.close({ drainMs: 0 })
    offset = -HOUR
    const second = await useService(accessOf(stub), { folder })
    await second.uploadFile(Buffer.from('third'), 'k')
    await second.deleteFile('a')
    await stub.comeBack()
    await healthy(second)
    expect(Object.fromEntries(heldBy(stub))).toEqual({ b: 'of b', k: 'third', direct: 'newer' })
    expect(second.getStatus().conflicts).toBe(0)
  })
})
