import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Source } from '../src/core/source.js'
import { openSource } from '../src/core/source.js'
import type { PendingUpload, UploadLog } from '../src/stores/s3/upload-log.js'
import type { S3Stub } from '../src/testing/s3-stub.js'
import {
  bytesOf,
  codeOf,
  failureOf,
  key,
  openFaulty,
  openOn,
  patterned,
  put,
  SHORT,
} from './support/faulty-s3.js'

const MIB = 1024 * 1024
const PART = 5 * MIB

/** A log in memory that tells what it was told. */
class MemoryLog implements UploadLog {
  readonly pending = new Map<string, PendingUpload>()
  readonly events: string[] = []
  async begin(upload: PendingUpload): Promise<void> {
    this.events.push('begin')
    this.pending.set(upload.uploadId, upload)
  }
  async end(uploadId: string): Promise<void> {
    this.events.push('end')
    this.pending.delete(uploadId)
  }
  async orphans(): Promise<readonly PendingUpload[]> {
    return [...this.pending.values()]
  }
}

function uploadsOf(stub: S3Stub): number {
  return stub.buckets.get('stub')?.uploads.size ?? -1
}

function streamOf(bytes: Buffer, piece = 100_000): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
    })(),
    { objectMode: false },
  )
}

describe('content', () => {
  it('is one request up to the part size, of known and unknown length alike', async () => {
    const { stub, store } = await openFaulty({ partSize: PART })
    for (const size of [0, 1, PART - 1, PART]) {
      await put(store, 'known', patterned(size))
      await put(store, 'unknown', streamOf(patterned(size)))
      expect((await bytesOf(store, 'unknown')).equals(patterned(size))).toBe(true)
    }
    expect(stub.counts).toMatchObject({ PutObject: 8 })
    expect(stub.counts['CreateMultipartUpload']).toBeUndefined()
  })

  it('is cut into parts past it, and is the same when it is read', async () => {
    const { stub, store } = await openFaulty({ partSize: PART, concurrency: 2 })
    for (const size of [PART + 1, 2 * PART, 3 * PART + 7]) {
      for (const content of [patterned(size), streamOf(patterned(size))]) {
        stub.resetCounts()
        const stat = await put(store, 'a', content)
        expect(stub.counts['UploadPart']).toBe(Math.ceil(size / PART))
        expect(stat).toMatchObject({ size, etag: expect.stringMatching(/^[0-9a-f]{32}-\d$/) })
        expect((await bytesOf(store, 'a')).equals(patterned(size))).toBe(true)
        const head = await store.head(key('a'))
        expect(head).toMatchObject({ etag: stat.etag, size, writeId: stat.writeId, stamp: stat.stamp })
      }
    }
  })

  it('is read no further than the parts under way, and released as they arrive', async () => {
    const { stub, store } = await openFaulty({ partSize: PART, concurrency: 2 })
    const inner = await openSource(patterned(8 * PART))
    let released = 0
    let furthest = 0
    const source: Source = {
      size: undefined,
      read: (offset, length) => {
        furthest = Math.max(furthest, offset + length - released)
        return inner.read(offset, length)
      },
      release: offset => {
        expect(offset).toBeGreaterThan(released)
        released = offset
      },
      close: () => inner.close(),
    }
    stub.fault = ({ operation }) => (operation === 'UploadPart' ? { delayMs: 20 } : undefined)
    await store.put(key('a'), source, { attributes: { contentType: 'a/b', metadata: {} } })
    expect(released).toBe(8 * PART)
    expect(furthest).toBeLessThanOrEqual(3 * PART)
  })

  it('does not run ahead of a part that is slow', async () => {
    const { stub, store } = await openFaulty({ partSize: PART, concurrency: 2 })
    const inner = await openSource(patterned(6 * PART))
    let released = 0
    let furthest = 0
    const source: Source = {
      size: undefined,
      read: (offset, length) => {
        furthest = Math.max(furthest, offset + length - released)
        return inner.read(offset, length)
      },
      release: offset => {
        released = offset
      },
      close: () => inner.close(),
    }
    stub.fault = ({ operation, query }) =>
      operation === 'UploadPart' && query.get('partNumber') === '1' ? { delayMs: 1500 } : undefined
    await store.put(key('a'), source, { attributes: { contentType: 'a/b', metadata: {} } })
    expect(furthest).toBeLessThanOrEqual(2 * PART)
  })

  it('is repeated by the part', async () => {
    const { stub, store } = await openFaulty({ partSize: PART, retry: { attempts: 3, baseMs: 1 } })
    let failed = 0
    stub.fault = ({ operation, query }) => {
      if (operation !== 'UploadPart' || query.get('partNumber') !== '2' || failed === 2) return undefined
      return ++failed === 1 ? 'lose-answer' : { status: 500 }
    }
    await put(store, 'a', patterned(4 * PART))
    expect(stub.counts['UploadPart']).toBe(6)
    expect((await bytesOf(store, 'a')).equals(patterned(4 * PART))).toBe(true)
  })

  it('that breaks on its way to the store is sent again', async () => {
    const { stub, store } = await openFaulty({ retry: { attempts: 2, baseMs: 1 } })
    stub.fault = ({ number }) =>
      number === 1
        ? { status: 400, body: '<Error><Code>XAmzContentSHA256Mismatch</Code></Error>' }
        : undefined
    await put(store, 'a', Buffer.from('x'))
    expect(stub.counts['total']).toBe(2)
  })
})

describe('an upload in parts that fails', () => {
  it.each([
    ['a part', 'UploadPart', 'UNAVAILABLE'],
    ['its completion', 'CompleteMultipartUpload', 'UNAVAILABLE'],
  ] as const)('leaves neither object nor parts (%s)', async (_, operation, code) => {
    const log = new MemoryLog()
    const { stub, store } = await openFaulty({ partSize: PART, uploads: log })
    stub.fault = request => (request.operation === operation ? { status: 500 } : undefined)
    expect(await codeOf(put(store, 'a', streamOf(patterned(3 * PART))))).toBe(code)
    expect(uploadsOf(stub)).toBe(0)
    expect(log.events).toEqual(['begin', 'end'])
    expect(await codeOf(store.head(key('a')))).toBe('NOT_FOUND')
  })

  it('leaves nothing when its content fails, is of another length, or is not what was declared', async () => {
    const { stub, store } = await openFaulty({ deadlines: {}, partSize: PART })
    const failing = async function* () {
      yield patterned(2 * PART + 1)
      throw new Error('the disk is gone')
    }
    expect(await codeOf(put(store, 'a', failing()))).toBe('ABORTED')
    expect(await codeOf(put(store, 'a', streamOf(patterned(2 * PART)), { size: 3 * PART }))).toBe(
      'INVALID_ARGUMENT',
    )
    expect(await codeOf(put(store, 'a', streamOf(patterned(3 * PART)), { size: 2 * PART }))).toBe(
      'INVALID_ARGUMENT',
    )
    const sha256 = '0'.repeat(64)
    expect(await codeOf(put(store, 'a', patterned(2 * PART), { sha256 }))).toBe('INVALID_ARGUMENT')
    expect(await codeOf(put(store, 'a', Buffer.from('x'), { sha256 }))).toBe('INVALID_ARGUMENT')
    expect(uploadsOf(stub)).toBe(0)
    expect(stub.counts['PutObject']).toBeUndefined()
    expect(await codeOf(store.head(key('a')))).toBe('NOT_FOUND')
  })

  it('leaves nothing when it is aborted', async () => {
    const { stub, store } = await openFaulty({ partSize: PART })
    const stop = new AbortController()
    stub.fault = ({ operation, query }) =>
      operation === 'UploadPart' && query.get('partNumber') === '2' ? { stall: 'before-headers' } : undefined
    setTimeout(() => stop.abort(), 150)
    expect(await codeOf(put(store, 'a', patterned(3 * PART), { signal: stop.signal }))).toBe('ABORTED')
    expect(uploadsOf(stub)).toBe(0)
  })

  it('is in the log before its first part is sent, and not begun where the log cannot take it', async () => {
    const log = new MemoryLog()
    const { stub, store } = await openFaulty({ partSize: PART, uploads: log })
    stub.fault = ({ operation }) => {
      if (operation === 'UploadPart') expect(log.events).toEqual(['begin'])
      return undefined
    }
    await put(store, 'a', patterned(2 * PART))
    expect(log.events).toEqual(['begin', 'end'])
    const error = new Error('the log is full')
    const refusing = openOn(stub, {
      partSize: PART,
      uploads: { begin: () => Promise.reject(error), end: async () => {}, orphans: async () => [] },
    })
    stub.fault = undefined
    expect(await failureOf(put(refusing, 'b', patterned(2 * PART)))).toMatchObject({
      code: 'INTERNAL',
      cause: error,
    })
    expect(uploadsOf(stub)).toBe(0)
  })

  it('is aborted later where it could not be at once, by the log', async () => {
    const log = new MemoryLog()
    const { stub, store } = await openFaulty({ partSize: PART, uploads: log })
    stub.fault = ({ operation }) =>
      operation === 'UploadPart' || operation === 'AbortMultipartUpload' ? { status: 500 } : undefined
    expect(await codeOf(put(store, 'a', patterned(2 * PART)))).toBe('UNAVAILABLE')
    expect(uploadsOf(stub)).toBe(1)
    expect(log.pending.size).toBe(1)
    expect(await store.abortOrphans()).toEqual({ aborted: 0, failed: 1 })
    stub.fault = undefined
    log.pending.set('gone', { uploadId: 'gone', key: 'a', bucket: 'stub', endpoint: stub.endpoint })
    log.pending.set('other', { uploadId: 'other', key: 'a', bucket: 'other', endpoint: stub.endpoint })
    expect(await store.abortOrphans()).toEqual({ aborted: 2, failed: 0 })
    expect(uploadsOf(stub)).toBe(0)
    expect([...log.pending.keys()]).toEqual(['other'])
  })
})

describe('an upload in parts that was broken off, where the log keeps it', () => {
  class KeepingLog extends MemoryLog {
    brokenOff(name: string): PendingUpload | undefined {
      return [...this.pending.values()].find(upload => upload.key === name)
    }
  }
  const stamp = { time: 1, sequence: 0, host: '0' }
  const content = patterned(4 * PART)

  /** A put of four parts, of which the third is never taken. */
  async function breakOff() {
    const log = new KeepingLog()
    const { stub, store } = await openFaulty({ partSize: PART, concurrency: 1, uploads: log, deadlines: {} })
    stub.fault = ({ query }) => (query.get('partNumber') === '3' ? { status: 503 } : undefined)
    expect(await codeOf(put(store, 'a', content, { stamp }))).toBe('UNAVAILABLE')
    stub.fault = undefined
    expect(uploadsOf(stub)).toBe(1)
    stub.resetCounts()
    return { stub, store, log }
  }

  it('is gone on with: only the parts that are missing are sent', async () => {
    const { stub, store, log } = await breakOff()
    const [begun] = log.pending.values()
    const stat = await put(store, 'a', content, { stamp })
    expect(stub.counts).toMatchObject({ ListParts: 1, UploadPart: 2, CompleteMultipartUpload: 1 })
    expect(stub.counts['CreateMultipartUpload']).toBeUndefined()
    expect((await bytesOf(store, 'a')).equals(content)).toBe(true)
    expect((await store.head(key('a'))).writeId).toBe(begun?.writeId)
    expect(stat.writeId).toBe(begun?.writeId)
    expect([uploadsOf(stub), log.pending.size]).toEqual([0, 0])
  })

  it('has every part sent that has other bytes by now', async () => {
    const { stub, store } = await breakOff()
    const other = Buffer.from(content)
    other[PART] = (other[PART] ?? 0) ^ 1
    await put(store, 'a', other, { stamp })
    expect(stub.counts).toMatchObject({ UploadPart: 3 })
    expect((await bytesOf(store, 'a')).equals(other)).toBe(true)
  })

  it('is ended and begun anew where it was to carry something else', async () => {
    const { stub, store, log } = await breakOff()
    await put(store, 'a', content, { stamp, attrs: { contentType: 'image/png' } })
    expect(stub.counts).toMatchObject({ AbortMultipartUpload: 1, CreateMultipartUpload: 1, UploadPart: 4 })
    expect((await store.head(key('a'))).contentType).toBe('image/png')
    expect([uploadsOf(stub), log.pending.size]).toEqual([0, 0])
  })

  it('is begun anew where the server has it no more', async () => {
    const { stub, store, log } = await breakOff()
    stub.buckets.get('stub')?.uploads.clear()
    await put(store, 'a', content, { stamp })
    expect(stub.counts).toMatchObject({ CreateMultipartUpload: 1, UploadPart: 4 })
    expect(log.pending.size).toBe(0)
  })

  it('is not kept where the put was refused for good', async () => {
    const log = new KeepingLog()
    const { stub, store } = await openFaulty({ partSize: PART, uploads: log, deadlines: {} })
    stub.fault = ({ operation }) =>
      operation === 'UploadPart'
        ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
        : undefined
    expect(await codeOf(put(store, 'a', content, { stamp }))).toBe('PERMISSION_DENIED')
    expect([uploadsOf(stub), log.pending.size]).toEqual([0, 0])
  })
})

describe('a write whose answer was lost', () => {
  it('has succeeded if the object carries its write id (completion)', async () => {
    for (const attempts of [1, 3]) {
      const { stub, store } = await openFaulty({ partSize: PART, retry: { attempts, baseMs: 1 } })
      stub.fault = ({ operation }) =>
        operation === 'CompleteMultipartUpload' && stub.counts[operation] === 1 ? 'lose-answer' : undefined
      const stat = await put(store, 'a', patterned(2 * PART))
      expect((await store.head(key('a'))).writeId).toBe(stat.writeId)
    }
  })

  it('has succeeded though its own condition now fails', async () => {
    const { stub, store } = await openFaulty({ partSize: PART, retry: { attempts: 3, baseMs: 1 } })
    await store.learn()
    for (const size of [1, 2 * PART]) {
      for (const replaces of [false, true]) {
        const name = `${size}-${replaces}`
        const old = replaces ? await put(store, name, Buffer.from('old')) : undefined
        const condition = old === undefined ? { ifNoneMatch: '*' } : { ifMatch: old.etag }
        stub.resetCounts()
        const operation = size === 1 ? 'PutObject' : 'CompleteMultipartUpload'
        stub.fault = request =>
          request.operation === operation && stub.counts[operation] === 1 ? 'lose-answer' : undefined
        const stat = await put(store, name, patterned(size), condition)
        stub.fault = undefined
        expect((await store.head(key(name))).writeId, name).toBe(stat.writeId)
      }
    }
  })

  it('has failed if another object is there', async () => {
    const { stub, store } = await openFaulty({ retry: { attempts: 3, baseMs: 1 } })
    await store.learn()
    const before = stub.counts['total'] ?? 0
    stub.fault = ({ number }) => {
      if (number !== before + 1) return undefined
      void put(openOn(stub), 'a', Buffer.from('other'))
      return { stall: 'before-headers' }
    }
    expect(await codeOf(put(store, 'a', Buffer.from('mine'), { ifNoneMatch: '*' }))).toBe('ALREADY_EXISTS')
  })
})

describe('the clock', () => {
  it.each([3_600_000, -3_600_000, 16 * 60_000, -16 * 60_000])(
    'is corrected once if it is off by %i ms',
    async offset => {
      const { stub, store } = await openFaulty()
      stub.clockOffsetMs = offset
      await put(store, 'a', Buffer.from('x'))
      expect(stub.counts['total']).toBe(2)
      await bytesOf(store, 'a')
      expect(stub.counts['total']).toBe(3)
      // Ours is set right: the correction is now what is off.
      stub.clockOffsetMs = 0
      await bytesOf(store, 'a')
      expect(stub.counts['total']).toBe(5)
    },
  )

  it('is corrected by a HEAD too, whose refusal cannot say why', async () => {
    const { stub, store } = await openFaulty()
    await put(store, 'a', Buffer.from('x'))
    stub.clockOffsetMs = 3_600_000
    expect((await store.head(key('a'))).size).toBe(1)
  })

  it('is CLOCK_SKEW if that does not help', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = () => ({
      status: 403,
      body: '<Error><Code>RequestTimeTooSkewed</Code></Error>',
      headers: { date: new Date(Date.now() + 3_600_000).toUTCString() },
    })
    expect(await codeOf(store.get(key('a')))).toBe('CLOCK_SKEW')
    expect(stub.counts['total']).toBe(2)
  })
})

describe('credentials', () => {
  const token = { sessionToken: 'stubtoken' }

  it('carry their session token, also in URLs', async () => {
    const { stub, store } = await openFaulty({}, { credentials: token })
    await put(store, 'a', Buffer.from('x'))
    const url = await store.presign(key('a'), { method: 'GET', expiresInSeconds: 60 })
    expect(await (await fetch(url)).text()).toBe('x')
    const without = openOn(stub, { credentials: { ...stub.credentials, sessionToken: '' } })
    expect(await codeOf(without.get(key('a')))).toBe('UNAUTHENTICATED')
  })

  it('are fetched once for all, and again when the store calls them expired', async () => {
    const { stub } = await openFaulty()
    let fetched = 0
    const store = openOn(stub, {
      credentials: async () => {
        fetched++
        await sleep(20)
        return stub.credentials
      },
    })
    await Promise.all(Array.from({ length: 20 }, (_, i) => put(store, `k${i}`, Buffer.from('x'))))
    expect(fetched).toBe(1)
    const expired = { status: 400, body: '<Error><Code>ExpiredToken</Code></Error>' }
    const before = stub.counts['total'] ?? 0
    stub.fault = ({ number }) => (number === before + 1 ? expired : undefined)
    await bytesOf(store, 'k1')
    expect(fetched).toBe(2)
    stub.fault = () => expired
    expect(await codeOf(bytesOf(store, 'k1'))).toBe('UNAUTHENTICATED')
  })

  it('that cannot be had are UNAUTHENTICATED', async () => {
    const { stub } = await openFaulty()
    const store = openOn(stub, { credentials: () => Promise.reject(new Error('no such profile')) })
    const error = await failureOf(store.get(key('a')))
    expect(error.code).toBe('UNAUTHENTICATED')
    expect(error.message).toContain('no such profile')
    expect(stub.counts['total']).toBe(0)
  })

  it('come from the default chain where none are given, as empty strings do', async () => {
    const { stub } = await openFaulty()
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      const before = process.env[name]
      onTestFinished(() => {
        if (before === undefined) delete process.env[name]
        else process.env[name] = before
      })
    }
    process.env['AWS_ACCESS_KEY_ID'] = stub.credentials.accessKeyId
    process.env['AWS_SECRET_ACCESS_KEY'] = stub.credentials.secretAccessKey
    for (const credentials of [undefined, { accessKeyId: '', secretAccessKey: '' }]) {
      await put(openOn(stub, { credentials }), 'a', Buffer.from('x'))
    }
  })
})

describe('presigned URLs', () => {
  it('work for what they were made for, and for nothing else', async () => {
    const { store } = await openFaulty()
    const name = key("a b/ü+&=?#%!'()*.txt")
    const putUrl = await store.presign(name, {
      method: 'PUT',
      expiresInSeconds: 60,
      contentType: 'text/plain',
    })
    expect(putUrl).not.toMatch(/checksum/i)
    const headers = { 'content-type': 'text/plain' }
    expect((await fetch(putUrl, { method: 'PUT', body: 'hello', headers })).status).toBe(200)
    const wrong = { 'content-type': 'text/html' }
    expect((await fetch(putUrl, { method: 'PUT', body: 'hello', headers: wrong })).status).toBe(403)
    expect((await fetch(putUrl)).status).toBe(403)
    const getUrl = await store.presign(name, {
      method: 'GET',
      expiresInSeconds: 60,
      contentType: 'image/png',
      contentDisposition: 'attachment; filename="a b.txt"',
    })
    const answer = await fetch(getUrl)
    expect(await answer.text()).toBe('hello')
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a b.txt"')
    expect((await fetch(getUrl.replace('a%20b', 'a%20c'))).status).toBe(403)
    expect((await fetch(getUrl.replace('Expires=60', 'Expires=61'))).status).toBe(403)
    expect((await fetch(getUrl, { method: 'DELETE' })).status).toBe(403)
  })

  it('end', async () => {
    const { stub, store } = await openFaulty()
    await put(store, 'a', Buffer.from('x'))
    const url = await store.presign(key('a'), { method: 'GET', expiresInSeconds: 60 })
    stub.clockOffsetMs = 61_000
    expect((await fetch(url)).status).toBe(403)
  })

  it('name the public endpoint', async () => {
    const { stub } = await openFaulty()
    const store = openOn(stub, { publicEndpoint: 'https://files.example.com/s3' })
    const url = await store.presign(key('a b'), { method: 'GET', expiresInSeconds: 60 })
    expect(url).toMatch(/^https:\/\/files\.example\.com\/s3\/stub\/a%20b\?/)
    expect(store.objectUrl(key('a b'))).toBe('https://files.example.com/s3/stub/a%20b')
  })

  it.each([0, 604_801, 1.5, Number.NaN])('live no %d seconds', async expiresInSeconds => {
    const { store } = await openFaulty()
    expect(await codeOf(store.presign(key('a'), { method: 'GET', expiresInSeconds }))).toBe(
      'INVALID_ARGUMENT',
    )
  })
})

describe('the profile', () => {
  it('is asked for by no plain operation', async () => {
    const { stub, store } = await openFaulty({ partSize: PART })
    await put(store, 'a', Buffer.from('x'), { attrs: { metadata: { plain: 'x' } } })
    await put(store, 'large', patterned(2 * PART))
    await bytesOf(store, 'a')
    await store.head(key('a'))
    await store.list()
    await store.delete(key('a'))
    await store.deleteMany([key('large')])
    expect(stub.counts['total']).toBe(10)
    expect(store.profile).toEqual({})
  })

  it.each([
    ['quoted', 'quoted'],
    ['bare', 'bare'],
    ['ignored', false],
  ] as const)(
    'finds out how conditions are treated (%s), once, and leaves nothing',
    async (support, style) => {
      const conditions = {
        put: support,
        complete: support,
        delete: support,
        copySource: support,
        copy: support,
      }
      const { stub, store } = await openFaulty({}, { conditions })
      const capabilities = await store.learn()
      expect(capabilities).toMatchObject({
        conditionalPut: style !== false,
        conditionalMultipart: style !== false,
        conditionalDelete: style !== false,
      })
      expect(store.profile).toEqual({
        conditionalPut: style,
        conditionalComplete: style,
        conditionalDelete: style,
        conditionalCopy: style,
        copySourceIfMatch: style,
        keepsUnderscores: true,
        copiesTags: true,
        multipartTags: true,
        etagIsMd5: true,
      })
      const asked = stub.counts['total']
      await store.learn()
      expect(stub.counts['total']).toBe(asked)
      expect(stub.buckets.get('stub')?.objects.size).toBe(0)
      expect(uploadsOf(stub)).toBe(0)
    },
  )

  it('is taken over from an earlier store', async () => {
    const { stub, store } = await openFaulty()
    await store.learn()
    const { profile } = store
    stub.resetCounts()
    const { S3Store } = await import('../src/stores/s3/store.js')
    const { endpoint, credentials } = stub
    const other = new S3Store(
      { endpoint, credentials, region: 'us-east-1', bucket: 'stub' },
      JSON.parse(JSON.stringify(profile)),
    )
    onTestFinished(() => other.close())
    await put(other, 'a', Buffer.from('x'), { ifNoneMatch: '*' })
    expect(stub.counts['total']).toBe(1)
  })

  it('is asked again after an outage', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = () => ({ status: 500 })
    expect(await codeOf(put(store, 'a', Buffer.from('x'), { ifNoneMatch: '*' }))).toBe('UNAVAILABLE')
    expect(store.profile).toEqual({})
    stub.fault = undefined
    await put(store, 'a', Buffer.from('x'), { ifNoneMatch: '*' })
  })

  it('lets no byte be sent where a condition would be ignored', async () => {
    const conditions = { put: 'ignored', complete: 'ignored', delete: 'ignored' } as const
    const { stub, store } = await openFaulty({ partSize: PART }, { conditions })
    await store.learn()
    stub.resetCounts()
    for (const content of [Buffer.from('x'), patterned(2 * PART), streamOf(patterned(2 * PART))]) {
      expect(await codeOf(put(store, 'a', content, { ifNoneMatch: '*' }))).toBe('UNSUPPORTED')
    }
    expect(await codeOf(store.delete(key('a'), { ifMatch: 'x' }))).toBe('UNSUPPORTED')
    expect(stub.counts['total']).toBe(0)
  })

  it('lets small content have conditions where only uploads in parts ignore them', async () => {
    const { store } = await openFaulty({ partSize: PART }, { conditions: { complete: 'ignored' } })
    await put(store, 'a', streamOf(patterned(10)), { ifNoneMatch: '*' })
    expect(await codeOf(put(store, 'a', streamOf(patterned(10)), { ifNoneMatch: '*' }))).toBe(
      'ALREADY_EXISTS',
    )
    expect(await codeOf(put(store, 'b', streamOf(patterned(2 * PART)), { ifNoneMatch: '*' }))).toBe(
      'UNSUPPORTED',
    )
  })
})

describe('deleteMany', () => {
  it('takes a thousand keys a request, and those that XML cannot name one by one', async () => {
    const { stub, store } = await openFaulty()
    const names = Array.from({ length: 2500 }, (_, i) => key(`k${i}&<>"'`))
    const odd = [key('a\uFFFEb'), key('a\uFFFF')]
    for (const name of [...names.slice(0, 10), ...odd]) await put(store, name, Buffer.from('x'))
    stub.resetCounts()
    expect(await store.deleteMany([...names, ...odd])).toEqual({ deleted: 2502, failed: [] })
    expect(stub.counts).toEqual({ total: 5, DeleteObjects: 3, DeleteObject: 2 })
    expect(stub.buckets.get('stub')?.objects.size).toBe(0)
  })

  it('reports each failure with its key', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = ({ operation }) =>
      operation === 'DeleteObjects'
        ? {
            status: 200,
            headers: { 'x-amz-request-id': '1' },
            body: '<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error><Error><Key>c</Key><Code>InternalError</Code></Error></DeleteResult>',
          }
        : undefined
    const { deleted, failed } = await store.deleteMany(['a', 'b', 'c'].map(key))
    expect(deleted).toBe(1)
    expect(failed).toMatchObject([
      { key: 'b', error: { code: 'PERMISSION_DENIED' } },
      { key: 'c', error: { code: 'UNAVAILABLE' } },
    ])
  })

  it('goes on by itself where the server has no such request', async () => {
    const { stub, store } = await openFaulty()
    for (const name of ['a', 'b']) await put(store, name, Buffer.from('x'))
    stub.fault = ({ operation }) =>
      operation === 'DeleteObjects'
        ? { status: 501, body: '<Error><Code>NotImplemented</Code></Error>' }
        : undefined
    expect(await store.deleteMany(['a', 'b'].map(key))).toEqual({ deleted: 2, failed: [] })
    expect(stub.buckets.get('stub')?.objects.size).toBe(0)
  })
})

describe('probe', () => {
  it('writes the object it asks for where absence may not be told', async () => {
    const { stub, store } = await openFaulty()
    const denied = { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
    let there = false
    stub.fault = ({ operation }) => {
      if (operation === 'PutObject') there = true
      return operation === 'GetObject' && !there ? denied : undefined
    }
    await store.probe()
    await store.probe()
    expect(stub.counts).toMatchObject({ GetObject: 2, PutObject: 1 })
    stub.fault = () => denied
    expect(await codeOf(store.probe())).toBe('PERMISSION_DENIED')
  })

  it('tells within the deadlines that nobody answers', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = () => ({ stall: 'before-headers' })
    const start = performance.now()
    expect(await codeOf(store.probe())).toBe('TIMEOUT')
    expect(performance.now() - start).toBeLessThan(SHORT.firstByteMs + 1000)
  })
})
