import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../src/stores/s3/errors.js'
import type { S3Store } from '../src/stores/s3/store.js'
import type { Fault, S3Stub } from '../src/testing/s3-stub.js'
import {
  bytesOf,
  codeOf,
  everyOperation,
  failureOf,
  key,
  openFaulty,
  openOn,
  patterned,
  piecesOf,
  put,
} from './support/faulty-s3.js'

const MIB = 1024 * 1024

/** An object that another client wrote: nothing is known of it but its ETag. */
function putForeign(stub: S3Stub, name: string, bytes: Buffer, etag = hash('md5', bytes, 'hex')): void {
  const object = { bytes, etag, modified: new Date(), headers: { 'content-type': 'text/plain' }, tagging: '' }
  stub.buckets.get('stub')?.store(name, object)
}

async function rangeOf(store: S3Store, name: string): Promise<Buffer> {
  return (await store.get(key(name), { range: { start: 10, end: 4999 } })).body.bytes()
}

describe('an answer that is cut off', () => {
  const shapes = ['content-length', 'chunked', 'close', 'matching'] as const
  const readers = { bytes: bytesOf, pieces: piecesOf, range: rangeOf }

  for (const shape of shapes) {
    for (const [name, read] of Object.entries(readers)) {
      for (const size of [10_000, 3 * MIB]) {
        it(`is no short read (${shape}, ${name}, ${size} bytes)`, async () => {
          const { stub, store } = await openFaulty()
          await put(store, 'own', patterned(size))
          putForeign(stub, 'foreign', patterned(size))
          stub.fault = () => ({ truncate: shape })
          for (const object of ['own', 'foreign']) {
            expect(['INTEGRITY', 'UNAVAILABLE'], object).toContain(await codeOf(read(store, object)))
          }
        })
      }
    }
  }

  it.each(shapes)('is no short list (%s)', async shape => {
    const { stub, store } = await openFaulty()
    for (let i = 0; i < 20; i++) await put(store, `k${i}`, Buffer.from('x'))
    stub.fault = () => ({ truncate: shape })
    expect(await codeOf(store.list())).toBe('UNAVAILABLE')
  })
})

describe('an answer with other bytes', () => {
  it('is INTEGRITY by the SHA-256 that was stored', async () => {
    const { stub, store } = await openFaulty()
    await put(store, 'a', patterned(10_000))
    stub.fault = () => ({ wrong: 'bytes' })
    expect(await codeOf(bytesOf(store, 'a'))).toBe('INTEGRITY')
    expect(await codeOf(piecesOf(store, 'a'))).toBe('INTEGRITY')
  })

  it('is INTEGRITY by an ETag that is an MD5', async () => {
    const { stub, store } = await openFaulty()
    putForeign(stub, 'a', patterned(10_000))
    stub.fault = ({ operation }) => (operation === 'GetObject' ? { wrong: 'bytes' } : undefined)
    expect(await codeOf(bytesOf(store, 'a'))).toBe('INTEGRITY')
    expect(await codeOf(piecesOf(store, 'a'))).toBe('INTEGRITY')
    stub.fault = ({ operation }) => (operation === 'GetObject' ? { wrong: 'etag' } : undefined)
    expect(await codeOf(bytesOf(store, 'a'))).toBe('INTEGRITY')
  })

  it('is INTEGRITY by the composite ETag of an upload in parts', async () => {
    const { stub, store } = await openFaulty({ partSize: 5 * MIB })
    const stat = await put(store, 'a', patterned(12 * MIB))
    expect(stat.etag).toMatch(/-3$/)
    expect((await store.head(key('a'))).sha256).toBeUndefined()
    expect((await bytesOf(store, 'a')).equals(patterned(12 * MIB))).toBe(true)
    stub.fault = ({ operation }) => (operation === 'GetObject' ? { wrong: 'bytes' } : undefined)
    expect(await codeOf(bytesOf(store, 'a'))).toBe('INTEGRITY')
    expect(await codeOf(piecesOf(store, 'a'))).toBe('INTEGRITY')
  })

  it('is not suspected where ETags are no MD5s', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = ({ operation }) => (operation === 'PutObject' ? { wrong: 'etag' } : undefined)
    putForeign(stub, 'a', patterned(10_000), '0123456789abcdef0123456789abcdef')
    expect((await bytesOf(store, 'a')).length).toBe(10_000)
    expect(store.profile.etagIsMd5).toBe(false)
    putForeign(stub, 'multipart', patterned(10_000), '0123456789abcdef0123456789abcdef-2')
    expect((await piecesOf(store, 'multipart')).length).toBe(10_000)
  })
})

describe('an error document in a 200', () => {
  it('is no completed upload, and leaves nothing', async () => {
    const { stub, store } = await openFaulty({ partSize: 5 * MIB, retry: { attempts: 3, baseMs: 1 } })
    stub.fault = ({ operation }) =>
      operation === 'CompleteMultipartUpload' ? { errorIn200: 'InternalError' } : undefined
    expect(await codeOf(put(store, 'a', patterned(6 * MIB)))).toBe('UNAVAILABLE')
    expect(stub.counts['CompleteMultipartUpload']).toBe(3)
    expect(stub.buckets.get('stub')?.uploads.size).toBe(0)
    expect(await codeOf(store.head(key('a')))).toBe('NOT_FOUND')
  })

  it('is tried again, and then a completed upload', async () => {
    const { stub, store } = await openFaulty({ partSize: 5 * MIB, retry: { attempts: 3, baseMs: 1 } })
    stub.fault = ({ operation }) =>
      operation === 'CompleteMultipartUpload' && stub.counts[operation] === 1
        ? { errorIn200: 'InternalError' }
        : undefined
    await put(store, 'a', patterned(6 * MIB))
    expect((await bytesOf(store, 'a')).length).toBe(6 * MIB)
  })

  it('is no copy', async () => {
    const { stub, store } = await openFaulty()
    await put(store, 'a', Buffer.from('x'))
    await store.copy(key('a'), key('warm'))
    stub.fault = ({ operation }) => (operation === 'CopyObject' ? { errorIn200: 'SlowDown' } : undefined)
    const error = await failureOf(store.copy(key('a'), key('b')))
    expect(error.code).toBe('THROTTLED')
    expect(outcomeOf(error)).toBe('unknown')
    expect(await codeOf(store.head(key('b')))).toBe('NOT_FOUND')
  })
})

describe('an answer that is not the store’s', () => {
  const page = { body: '<!doctype html><html>Welcome</html>', headers: { 'content-type': 'text/html' } }
  const foreign: Record<string, Fault> = {
    'a 404 page': { status: 404, ...page },
    'a 403 page': { status: 403, ...page },
    'a 200 page': { status: 200, ...page },
    'a 200 page with an ETag': { status: 200, ...page, headers: { ...page.headers, etag: '"1"' } },
    'a 204': { status: 204 },
    'a redirect': { status: 302, headers: { location: 'http://portal.invalid/' } },
    'a gateway’s 502': { status: 502, ...page },
    'another document': { status: 404, body: '<?xml version="1.0"?><Fault><Code>NoSuchKey</Code></Fault>' },
    'half a document': { status: 404, body: '<?xml version="1.0"?><Error><Code>NoSuchKey</Code>' },
  }

  for (const [name, fault] of Object.entries(foreign)) {
    it(`is UNAVAILABLE (${name})`, async () => {
      const { stub, store } = await openFaulty()
      await put(store, 'a', Buffer.from('x'))
      for (const known of [true, false]) {
        for (const [operation, run] of Object.entries(everyOperation(known ? store : openOn(stub)))) {
          stub.fault = () => fault
          expect(await codeOf(run()), `${operation}, known ${known}`).toBe('UNAVAILABLE')
          stub.fault = undefined
        }
      }
      expect((await bytesOf(store, 'a')).toString()).toBe('x')
    })
  }

  it('is not taken for a put that needs an ETag to be one', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = () => ({ status: 200, headers: { 'x-amz-request-id': '1' } })
    const error = await failureOf(put(store, 'a', Buffer.from('x')))
    expect(error.code).toBe('UNAVAILABLE')
    expect(outcomeOf(error)).toBe('unknown')
  })
})

describe('absence', () => {
  it('is told by one HEAD once the endpoint and the bucket are known', async () => {
    const { stub, store } = await openFaulty()
    expect(await codeOf(store.head(key('a')))).toBe('NOT_FOUND')
    expect(stub.counts).toMatchObject({ HeadObject: 1, GetObject: 1 })
    expect(await codeOf(store.head(key('a')))).toBe('NOT_FOUND')
    expect(stub.counts).toMatchObject({ HeadObject: 2, GetObject: 1 })
  })

  it('of the bucket is not absence of the object', async () => {
    const { stub } = await openFaulty()
    const store = openOn(stub, { bucket: 'missing' })
    for (const [name, run] of Object.entries(everyOperation(store))) {
      expect(await codeOf(run()), name).toBe('NO_SUCH_BUCKET')
    }
  })

  it('is settled by a GET each time where the endpoint names no requests', async () => {
    const { stub, store } = await openFaulty({}, { requestIds: false })
    await put(store, 'there', Buffer.alloc(0))
    await store.head(key('there'))
    for (let i = 0; i < 2; i++) expect(await codeOf(store.head(key('a')))).toBe('NOT_FOUND')
    expect(stub.counts['GetObject']).toBe(2)
  })

  it('that ends while it is settled is presence', async () => {
    for (const content of ['', 'x']) {
      const { stub, store } = await openFaulty()
      await put(store, 'a', Buffer.from(content))
      stub.fault = ({ number, operation }) =>
        operation === 'HeadObject' && number === 2 ? { status: 404 } : undefined
      expect(await store.head(key('a'))).toMatchObject({ size: content.length })
    }
  })
})

describe('a refusal', () => {
  const document = (code: string, more = '') =>
    `<Error><Code>${code}</Code><Message>m</Message>${more}</Error>`

  it.each([
    [403, 'AccessDenied', 'PERMISSION_DENIED'],
    [403, 'InvalidAccessKeyId', 'UNAUTHENTICATED'],
    [403, 'SignatureDoesNotMatch', 'UNAUTHENTICATED'],
    [404, 'NoSuchBucket', 'NO_SUCH_BUCKET'],
    [403, 'InvalidObjectState', 'ARCHIVED'],
    [403, 'QuotaExceeded', 'QUOTA_EXCEEDED'],
    [507, 'XMinioStorageFull', 'NO_SPACE'],
    [400, 'EntityTooLarge', 'TOO_LARGE'],
    [501, 'NotImplemented', 'UNSUPPORTED'],
    [400, 'SomethingNew', 'INVALID_ARGUMENT'],
    [500, 'SomethingNew', 'UNAVAILABLE'],
    [503, 'SlowDown', 'THROTTLED'],
  ])('has the code that it means (%i %s)', async (status, s3Code, code) => {
    const { stub, store } = await openFaulty()
    // The answer to a HEAD has no body, so a HEAD must find out by itself.
    stub.fault = ({ method }) => ({ status, body: method === 'HEAD' ? '' : document(s3Code) })
    for (const operation of ['put', 'get', 'list', 'delete'] as const) {
      expect(await codeOf((everyOperation(store)[operation] as () => Promise<unknown>)()), operation).toBe(
        code,
      )
    }
    if (status === 403 || status === 404) expect(await codeOf(store.head(key('a')))).toBe(code)
  })

  it('of a missing object without the right to list says what may be meant', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = () => ({ status: 403, body: document('AccessDenied') })
    const error = await failureOf(store.get(key('a')))
    expect(error.message).toContain('s3:ListBucket')
    expect(outcomeOf(error)).toBe('failed')
  })

  it('is told apart from an unknown outcome', async () => {
    const { stub, store } = await openFaulty()
    const outcomes: [Fault, 'failed' | 'unknown'][] = [
      [{ status: 503, body: document('SlowDown') }, 'failed'],
      [{ status: 400, body: document('InvalidArgument') }, 'failed'],
      [{ status: 500, body: document('InternalError') }, 'unknown'],
      [{ status: 503 }, 'unknown'],
      [{ status: 200 }, 'unknown'],
      ['reset', 'unknown'],
      ['lose-answer', 'unknown'],
      [{ stall: 'before-headers' }, 'unknown'],
    ]
    for (const [fault, outcome] of outcomes) {
      stub.fault = () => fault
      expect(outcomeOf(await failureOf(put(store, 'a', Buffer.from('x')))), JSON.stringify(fault)).toBe(
        outcome,
      )
    }
    stub.fault = () => ({ stall: 'request' })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 100)
    const aborted = await failureOf(put(store, 'a', Buffer.from('x'), { signal: stop.signal }))
    expect([aborted.code, outcomeOf(aborted)]).toEqual(['ABORTED', 'unknown'])
    await stub.goDown()
    // Until the client has seen its connections end, it may still write to one.
    await failureOf(put(store, 'a', Buffer.from('x')))
    expect(outcomeOf(await failureOf(put(store, 'a', Buffer.from('x'))))).toBe('failed')
  })

  it('for another region names the right one', async () => {
    const { stub } = await openFaulty({}, { credentials: { region: 'eu-central-1' } })
    const store = openOn(stub, { region: 'us-east-1' })
    for (const [name, run] of Object.entries(everyOperation(store))) {
      const error = await failureOf(run())
      expect(error.code, name).toBe('CONFIG_INVALID')
      expect(error.message, name).toContain('eu-central-1')
    }
    const right = openOn(stub, { region: 'eu-central-1' })
    stub.fault = ({ method }) => ({
      status: 301,
      body: method === 'HEAD' ? '' : document('PermanentRedirect'),
      headers: { 'x-amz-bucket-region': 'ap-south-1', location: 'http://elsewhere.invalid/' },
    })
    for (const operation of [() => right.head(key('a')), () => right.get(key('a'))]) {
      const error = await failureOf(operation())
      expect(error.code).toBe('CONFIG_INVALID')
      expect(error.message).toContain('ap-south-1')
    }
  })

  it('shows no secret, not even one that the server repeats', async () => {
    const { stub, store } = await openFaulty()
    const { secretAccessKey } = stub.credentials
    stub.fault = ({ headers }) => ({
      status: 403,
      body: `<Error><Code>AccessDenied</Code><Message>${secretAccessKey} ${headers.authorization}</Message></Error>`,
    })
    const error = await failureOf(store.get(key('a')))
    const shown = JSON.stringify([error, error.message, String(error.cause)])
    expect(shown).toContain('AccessDenied')
    expect(shown).not.toContain(secretAccessKey)
    expect(shown).not.toMatch(/Signature=[0-9a-f]/)
  })
})

describe('a hostile answer', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">${Array.from(
    { length: 9 },
    (_, i) => `<!ENTITY ${'bcdefghij'[i]} "${`&${'abcdefghi'[i]};`.repeat(10)}">`,
  ).join('')}]>`
  const bodies = {
    bomb: `${bomb}<Error><Code>&j;</Code></Error>`,
    'external entity':
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Error><Code>&e;</Code></Error>',
    depth: '<a>'.repeat(100_000),
    'an endless tag': `<${'a'.repeat(100_000)}`,
    'an endless code': `<Error><Code>${'A'.repeat(60_000)}</Code></Error>`,
    'no text': Buffer.alloc(60_000, 0xff),
    zeros: Buffer.alloc(60_000),
  }

  it.each(Object.entries(bodies))('is UNAVAILABLE, at once (%s)', async (_, body) => {
    const { stub, store } = await openFaulty()
    for (const status of [404, 200]) {
      stub.fault = () => ({ status, body, headers: { 'x-amz-request-id': '1' } })
      const start = performance.now()
      const codes = [await codeOf(store.list()), await codeOf(put(store, 'a', Buffer.from('x')))]
      expect(codes).toEqual(['UNAVAILABLE', 'UNAVAILABLE'])
      expect(performance.now() - start).toBeLessThan(2000)
    }
  })

  it('of 50 MB is not read to its end', async () => {
    const { stub, store } = await openFaulty()
    const body = Buffer.concat([Buffer.from('<Error><Code>NoSuchKey</Code>'), Buffer.alloc(50 * MIB, 'x')])
    stub.fault = () => ({ status: 404, body, headers: { 'x-amz-request-id': '1' } })
    const before = process.memoryUsage().arrayBuffers
    expect(await codeOf(store.get(key('a')))).toBe('UNAVAILABLE')
    stub.fault = () => ({ status: 200, body, headers: { 'x-amz-request-id': '1' } })
    expect(await codeOf(store.list())).toBe('UNAVAILABLE')
    // The stub in this process holds what it could not send.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150 * MIB)
    stub.fault = undefined
    await put(store, 'a', Buffer.from('x'))
  })
})
