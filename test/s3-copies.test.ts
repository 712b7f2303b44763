import { describe, expect, it, onTestFinished } from 'vitest'
import { parseAttributes } from '../src/core/attributes.js'
import { silentLogger } from '../src/core/logger.js'
import { StampClock } from '../src/core/stamp.js'
import type { CopyOptions, ObjectStat } from '../src/core/store.js'
import { S3Client } from '../src/stores/s3/client.js'
import type { S3Context } from '../src/stores/s3/context.js'
import { copyObject } from '../src/stores/s3/copy.js'
import { Profile } from '../src/stores/s3/profile.js'
import type { S3Stub, S3StubOptions } from '../src/testing/s3-stub.js'
import { bytesOf, codeOf, key, openFaulty, patterned, put, SHORT } from './support/faulty-s3.js'

const MIB = 1024 * 1024

const SUPPORT = ['quoted', 'bare', 'ignored'] as const

function conditionsOf(copySource: (typeof SUPPORT)[number]): S3StubOptions {
  return { conditions: { copySource } }
}

/** Copies as a store whose server takes no more than 5 MiB in one copy. */
function copyInParts(stub: S3Stub, from: string, to: string, options: CopyOptions = {}): Promise<ObjectStat> {
  const { endpoint, credentials } = stub
  const base = { endpoint, credentials, region: 'us-east-1', bucket: 'stub' }
  const client = new S3Client({ ...base, deadlines: SHORT, retry: { attempts: 1 } }, silentLogger)
  onTestFinished(() => client.close())
  const clock = new StampClock({ host: 'test' })
  const context: S3Context = {
    client,
    profile: new Profile(client),
    partSize: 5 * MIB,
    concurrency: 2,
    copyLimits: { wholeBytes: 5 * MIB, partBytes: 5 * MIB },
    nextStamp: () => clock.next(),
    uploads: undefined,
    logger: silentLogger,
  }
  return copyObject(context, key(from), key(to), options)
}

describe('a copy', () => {
  it.each(SUPPORT)('is made by the store, with what the source carries (%s)', async support => {
    const { stub, store } = await openFaulty({}, conditionsOf(support))
    const attrs = { contentType: 'image/png', fileName: 'ä.png', metadata: { a_b: 'ü' }, tags: { t: 'v' } }
    const source = await put(store, 'a', patterned(1000), { attrs })
    await store.learn()
    stub.resetCounts()
    const copied = await store.copy(key('a'), key('b'))
    expect(stub.counts['CopyObject']).toBe(1)
    expect(stub.counts['PutObject']).toBeUndefined()
    expect(copied).toMatchObject({ key: 'b', size: 1000, sha256: source.sha256, contentType: 'image/png' })
    expect(copied.writeId).not.toBe(source.writeId)
    const { tags, ...head } = copied
    expect(await store.head(key('b'))).toMatchObject({ ...head, lastModified: expect.any(Date) })
    expect(stub.buckets.get('stub')?.find('b').tagging).toBe('t=v')
    expect((await bytesOf(store, 'b')).equals(patterned(1000))).toBe(true)
  })

  it.each(SUPPORT)('of a version that is gone is none (%s)', async support => {
    const { store } = await openFaulty({}, conditionsOf(support))
    const { etag } = await put(store, 'a', Buffer.from('old'))
    await put(store, 'a', Buffer.from('new'))
    expect(await codeOf(store.copy(key('a'), key('b'), { sourceIfMatch: etag }))).toBe('PRECONDITION_FAILED')
    expect(await codeOf(store.head(key('b')))).toBe('NOT_FOUND')
  })

  it.each(SUPPORT)('has the SHA-256 of its own bytes, whatever happens to its source (%s)', async support => {
    const { stub, store } = await openFaulty({}, conditionsOf(support))
    await store.learn()
    await put(store, 'a', patterned(1000, 1))
    let replaced = 0
    const replace = (): void => {
      const bucket = stub.buckets.get('stub')
      const old = bucket?.find('a')
      const bytes = patterned(1000, ++replaced + 1)
      const headers = { 'content-type': 'a/b' }
      if (old !== undefined) bucket?.store('a', { ...old, bytes, etag: `${replaced}`.repeat(32), headers })
    }
    stub.fault = ({ operation, key: name }) => {
      // Just before the copy, or just after the server has looked.
      if (operation === 'CopyObject' && name === 'b' && replaced === 0) replace()
      return undefined
    }
    await store.copy(key('a'), key('b'))
    expect(replaced).toBe(1)
    expect((await bytesOf(store, 'b')).equals(patterned(1000, 2))).toBe(true)
    stub.fault = ({ operation }) => {
      if (operation === 'CopyObject') replace()
      return undefined
    }
    expect(await codeOf(store.copy(key('a'), key('c')))).toBe('UNAVAILABLE')
  })

  it.each([
    ['CopyObject', {}, 1000],
    ['CopyObject', { copy: 'bare', put: 'bare', complete: 'bare' }, 12 * MIB],
    ['UploadPartCopy', { copy: 'ignored' }, 12 * MIB],
    ['GetObject', { copy: 'ignored' }, 1000],
    ['GetObject', { copy: 'ignored', complete: 'ignored' }, 3 * MIB],
    ['GetObject', { copySource: 'ignored' }, 1000],
  ] as const)(
    'under a condition is made by %s where that keeps it (%o, %i bytes)',
    async (way, conditions, size) => {
      const { stub, store } = await openFaulty({}, { conditions })
      const attrs = { tags: { t: 'v' }, contentType: 'image/png', fileName: 'ä.png', metadata: { a_b: 'ü' } }
      const source = await put(store, 'a', patterned(size), { attrs, size })
      await store.learn()
      stub.resetCounts()
      const copied = await store.copy(key('a'), key('b'), { ifNoneMatch: '*', sourceIfMatch: source.etag })
      expect(['CopyObject', 'UploadPartCopy', 'GetObject'].filter(name => stub.counts[name])).toEqual([way])
      expect(copied).toMatchObject({
        size,
        contentType: 'image/png',
        fileName: 'ä.png',
        metadata: { a_b: 'ü' },
      })
      expect(stub.buckets.get('stub')?.find('b').tagging).toBe('t=v')
      expect((await bytesOf(store, 'b')).equals(patterned(size))).toBe(true)
      expect(await codeOf(store.copy(key('a'), key('b'), { ifNoneMatch: '*' }))).toBe('ALREADY_EXISTS')
      await store.copy(key('a'), key('b'), { ifMatch: copied.etag })
      expect(await codeOf(store.copy(key('a'), key('b'), { ifMatch: 'other' }))).toBe('PRECONDITION_FAILED')
    },
  )

  it.each([
    ['CopyObject', {}, 1000],
    ['CopyObject', { copySource: 'ignored' }, 1000],
    ['CompleteMultipartUpload', { copy: 'ignored' }, 3 * MIB],
    ['PutObject', { copy: 'ignored' }, 1000],
  ] as const)('onto itself leaves what came before its %s (%o)', async (publishes, conditions, size) => {
    const { stub, store } = await openFaulty({}, { conditions })
    const { etag } = await put(store, 'a', patterned(size), { attrs: { tags: { t: 'v' } } })
    await store.learn()
    const asked = {
      attributes: parseAttributes({ storageClass: 'STANDARD_IA' }),
      sourceIfMatch: etag,
      ifMatch: etag,
    }
    stub.fault = ({ operation, key: name }) => {
      const bucket = stub.buckets.get('stub')
      if (operation === publishes && name === 'a' && bucket !== undefined) {
        const newer = {
          bytes: Buffer.from('newer'),
          etag: 'f'.repeat(32),
          headers: { 'content-type': 'a/b' },
        }
        bucket.store('a', { ...bucket.find('a'), ...newer })
      }
      return undefined
    }
    expect(await codeOf(store.copy(key('a'), key('a'), asked))).toBe('PRECONDITION_FAILED')
    const left = stub.buckets.get('stub')?.find('a')
    expect([left?.bytes.toString(), left?.headers]).toEqual(['newer', { 'content-type': 'a/b' }])
  })

  it('whose answer is lost is known by its write', async () => {
    const { stub, store } = await openFaulty({ retry: { attempts: 2 } })
    const { etag } = await put(store, 'a', patterned(1000))
    await store.learn()
    let lost = false
    stub.fault = ({ operation, key: name }) => {
      if (operation !== 'CopyObject' || name !== 'a' || lost) return undefined
      lost = true
      return 'lose-answer'
    }
    const copied = await store.copy(key('a'), key('a'), { sourceIfMatch: etag, ifMatch: etag })
    expect(copied.writeId).toBe((await store.head(key('a'))).writeId)
  })

  it('passes on the version that it reads, or none if that is not the one asked for', async () => {
    const { stub, store } = await openFaulty({}, { conditions: { copy: 'ignored' } })
    await store.learn()
    const { etag } = await put(store, 'a', patterned(1000, 1))
    await put(store, 'other', patterned(2000, 2))
    stub.fault = ({ operation, key: name }) => {
      const bucket = stub.buckets.get('stub')
      if (operation === 'GetObject' && name === 'a') bucket?.store('a', bucket.find('other'))
      return undefined
    }
    await store.copy(key('a'), key('b'), { ifNoneMatch: '*' })
    expect((await bytesOf(store, 'b')).equals(patterned(2000, 2))).toBe(true)
    await put(store, 'a', patterned(1000, 1))
    const asked = { ifNoneMatch: '*', sourceIfMatch: etag }
    expect(await codeOf(store.copy(key('a'), key('c'), asked))).toBe('PRECONDITION_FAILED')
    expect(await codeOf(store.head(key('c')))).toBe('NOT_FOUND')
  })

  it('of nothing is NOT_FOUND', async () => {
    const { store } = await openFaulty()
    expect(await codeOf(store.copy(key('a'), key('b')))).toBe('NOT_FOUND')
  })
})

describe('a copy that is too large for one request', () => {
  it.each(SUPPORT)('is made in ranges, with what the source carries (%s)', async support => {
    const { stub, store } = await openFaulty({ partSize: 5 * MIB }, conditionsOf(support))
    const attrs = { contentType: 'image/png', metadata: { a: 'b' }, tags: { t: 'v' } }
    const source = await put(store, 'a', patterned(23 * MIB), { attrs, sha256: undefined })
    const copied = await copyInParts(stub, 'a', 'b')
    expect(stub.counts['UploadPartCopy']).toBe(5)
    expect(copied).toMatchObject({ size: 23 * MIB, contentType: 'image/png', metadata: { a: 'b' } })
    expect(copied.etag).toMatch(/-5$/)
    expect(copied.writeId).not.toBe(source.writeId)
    expect(stub.buckets.get('stub')?.find('b').tagging).toBe('t=v')
    expect((await bytesOf(store, 'b')).equals(patterned(23 * MIB))).toBe(true)
  })

  it('leaves nothing when it fails', async () => {
    const { stub, store } = await openFaulty()
    await put(store, 'a', patterned(23 * MIB))
    stub.fault = ({ operation, query }) =>
      operation === 'UploadPartCopy' && query.get('partNumber') === '3'
        ? { errorIn200: 'InternalError' }
        : undefined
    expect(await codeOf(copyInParts(stub, 'a', 'b'))).toBe('UNAVAILABLE')
    expect(stub.buckets.get('stub')?.uploads.size).toBe(0)
    expect(await codeOf(store.head(key('b')))).toBe('NOT_FOUND')
  })

  it('is none of a version that was replaced in between', async () => {
    const { stub, store } = await openFaulty()
    await store.learn()
    await put(store, 'a', patterned(12 * MIB))
    let replaced = 0
    stub.fault = ({ operation, query }) => {
      if (operation !== 'UploadPartCopy' || query.get('partNumber') !== '2') return undefined
      const bucket = stub.buckets.get('stub')
      const old = bucket?.find('a')
      if (old !== undefined) bucket?.store('a', { ...old, etag: String(replaced++).repeat(32) })
      return undefined
    }
    expect(await codeOf(copyInParts(stub, 'a', 'b'))).toBe('UNAVAILABLE')
    expect(stub.buckets.get('stub')?.uploads.size).toBe(0)
  })
})
