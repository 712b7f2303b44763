import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StorageError } from '../core/errors.js'
import { parseKey } from '../core/key.js'
import { openSource } from '../core/source.js'
import type { Deadlines } from '../stores/s3/deadlines.js'
import { S3Store } from '../stores/s3/store.js'
import { type FaultProxy, startFaultProxy } from './fault-proxy.js'
import { type S3Stub, startS3Stub } from './s3-stub.js'

let stub: S3Stub
let proxy: FaultProxy
let store: S3Store

beforeEach(async () => {
  stub = await startS3Stub()
  proxy = await startFaultProxy({ target: stub.endpoint, seed: 7 })
  store = openStore(proxy.endpoint)
})

/** A store that repeats nothing. */
function openStore(endpoint: string, deadlines?: Partial<Deadlines>): S3Store {
  const { credentials } = stub
  const { region } = credentials
  return new S3Store({
    endpoint,
    region,
    bucket: 'stub',
    credentials,
    deadlines,
    retry: { attempts: 1 },
  })
}

afterEach(async () => {
  await store.close()
  await proxy.close()
  await stub.close()
})

const put = async (key: string, content: string | Buffer): Promise<void> => {
  const attributes = { contentType: 'text/plain', metadata: {} }
  await store.put(parseKey(key), await openSource(Buffer.from(content)), { attributes })
}
const get = async (key: string): Promise<string> =>
  (await (await store.get(parseKey(key))).body.bytes()).toString('latin1')
/** How an operation fails: its code. */
const failure = async (operation: Promise<unknown>): Promise<string> => {
  try {
    await operation
    return 'none'
  } catch (error) {
    return StorageError.is(error) ? error.code : String(error)
  }
}
const held = (key: string): string | undefined =>
  stub.buckets.get('stub')?.objects.get(key)?.bytes.toString('latin1')

describe('what passes', () => {
  test('is signed as it was: small, large, in parts, odd keys, listings, deletes', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024, 'holdfast')
    await put('a', 'one')
    await put('Größe/世界 +%2F?&.txt', 'two')
    await put('empty', '')
    await put('large', large)
    expect(await get('a')).toBe('one')
    expect(await get('Größe/世界 +%2F?&.txt')).toBe('two')
    expect(await get('empty')).toBe('')
    expect((await get('large')) === large.toString('latin1')).toBe(true)
    expect((await store.head(parseKey('large'))).size).toBe(large.length)
    expect((await store.list()).objects.map(object => object.key)).toEqual([
      'Größe/世界 +%2F?&.txt',
      'a',
      'empty',
      'large',
    ])
    await store.delete(parseKey('a'))
    expect(await failure(get('a'))).toBe('NOT_FOUND')
    expect(stub.counts['UploadPart']).toBe(3)
  })

  test('a server that is not there is a connection that breaks', async () => {
    await stub.goDown()
    expect(await failure(get('a'))).toBe('UNAVAILABLE')
    await stub.comeBack()
    await put('a', 'one')
  })
})

describe('refusing', () => {
  test('the port is closed, and open again', async () => {
    await put('a', 'one')
    await proxy.apply({ fault: { kind: 'refuse' } })
    await expect(fetch(proxy.endpoint)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    expect(await failure(put('a', 'two'))).toBe('UNAVAILABLE')
    await proxy.apply()
    expect(await get('a')).toBe('one')
  })

  test('a share of the requests, by the seed', async () => {
    await proxy.apply({ fault: { kind: 'reset' }, rate: 0.5, of: 'writes' })
    const ends: string[] = []
    for (let i = 0; i < 40; i++) ends.push(await failure(put(`k${i}`, 'x')))
    const failed = ends.filter(end => end === 'UNAVAILABLE').length
    expect(ends.filter(end => end === 'none').length).toBe(40 - failed)
    expect(failed).toBeGreaterThan(8)
    expect(failed).toBeLessThan(32)
    expect(proxy.counts).toMatchObject({ reset: failed, pass: 40 - failed })
    expect(await failure(store.list())).toBe('none')

    const again = await startFaultProxy({ target: stub.endpoint, seed: 7 })
    const before = store
    store = openStore(again.endpoint)
    await again.apply({ fault: { kind: 'reset' }, rate: 0.5, of: 'writes' })
    const repeated: string[] = []
    for (let i = 0; i < 40; i++) repeated.push(await failure(put(`k${i}`, 'x')))
    await before.close()
    await again.close()
    expect(repeated).toEqual(ends)
  })
})

describe('silence', () => {
  beforeEach(async () => {
    await store.close()
    store = openStore(proxy.endpoint, { firstByteMs: 500, idleMs: 500 })
  })

  test('hang: nothing is delivered, nothing answered', async () => {
    await proxy.apply({ fault: { kind: 'hang' } })
    expect(await failure(put('a', 'one'))).toBe('TIMEOUT')
    expect(stub.counts['total']).toBe(0)
    await proxy.apply()
    await store.close()
    store = openStore(proxy.endpoint)
    await put('a', 'two')
  })

  test('stall of a request: the server gets none of it', async () => {
    await proxy.apply({ fault: { kind: 'stall', where: 'request' } })
    expect(await failure(put('a', Buffer.alloc(200_000)))).toBe('TIMEOUT')
    expect(stub.counts['total']).toBe(0)
  })

  test('stall of an answer: the request took effect', async () => {
    await put('a', Buffer.alloc(300_000, 'a'))
    await proxy.apply({ fault: { kind: 'stall', where: 'answer' } })
    expect(await failure(get('a'))).toBe('TIMEOUT')
    expect(await failure(put('b', 'two'))).toBe('TIMEOUT')
    expect(held('b')).toBe('two')
  })

  test('a trickle', async () => {
    await put('a', 'abc')
    await proxy.apply({ fault: { kind: 'trickle' } })
    expect(await failure(get('a'))).toBe('TIMEOUT')
    await proxy.apply({ fault: { kind: 'trickle', bytesPerSecond: 20_000 } })
    expect(await get('a')).toBe('abc')
  })
})

describe('cuts', () => {
  test('of a request: the server gets half, and has no effect', async () => {
    await proxy.apply({ fault: { kind: 'cut', where: 'request' } })
    expect(await failure(put('a', Buffer.alloc(6 * 1024 * 1024)))).toBe('UNAVAILABLE')
    expect(await failure(put('b', 'x'))).toBe('UNAVAILABLE')
    await proxy.apply()
    expect(held('a')).toBeUndefined()
    expect(held('b')).toBeUndefined()
  })

  test('of an answer', async () => {
    await put('a', Buffer.alloc(300_000, 'a'))
    await proxy.apply({ fault: { kind: 'cut', where: 'answer' } })
    expect(['UNAVAILABLE', 'INTEGRITY']).toContain(await failure(get('a')))
    expect(await failure(put('b', 'two'))).toBe('UNAVAILABLE')
    expect(held('b')).toBe('two')
  })

  test('a lost answer: the request took effect', async () => {
    await proxy.apply({ fault: { kind: 'lose-answer' } })
    expect(await failure(put('a', 'one'))).toBe('UNAVAILABLE')
    expect(held('a')).toBe('one')
  })
})

describe('answers in the place of the server', () => {
  test.each([
    [500, 'UNAVAILABLE'],
    [502, 'UNAVAILABLE'],
    [503, 'THROTTLED'],
    [504, 'UNAVAILABLE'],
  ] as const)('%i is %s', async (status, code) => {
    await proxy.apply({ fault: { kind: 'error', status } })
    expect(await failure(put('a', 'one'))).toBe(code)
    expect(stub.counts['total']).toBe(0)
  })

  test.each([200, 404] as const)('a page of HTML with %i is no answer', async status => {
    await put('a', 'one')
    await proxy.apply({ fault: { kind: 'portal', status } })
    expect(await failure(get('a'))).toBe('UNAVAILABLE')
    expect(await failure(put('b', 'two'))).toBe('UNAVAILABLE')
    expect(await failure(store.delete(parseKey('a')))).toBe('UNAVAILABLE')
    expect(held('a')).toBe('one')
  })

  test('bad credentials are refused by the server itself', async () => {
    await proxy.apply({ fault: { kind: 'bad-credentials' } })
    expect(await failure(put('a', 'one'))).toBe('UNAUTHENTICATED')
    expect(stub.counts['PutObject']).toBe(1)
    const url = await store.presign(parseKey('a'), { method: 'GET', expiresInSeconds: 60 })
    expect(await (await fetch(url)).text()).toContain('InvalidAccessKeyId')
  })
})

describe('ghosts', () => {
  test('land after newer versions, and after a delete', async () => {
    await put('b', 'old')
    await proxy.apply({ fault: { kind: 'ghost', minMs: 60_000, maxMs: 60_000 }, of: 'writes' })
    expect(await failure(put('a', 'ghost'))).toBe('UNAVAILABLE')
    expect(await failure(put('b', 'ghost'))).toBe('UNAVAILABLE')
    await proxy.apply()
    await put('a', 'newer')
    await store.delete(parseKey('b'))
    expect([held('a'), held('b'), proxy.ghosts]).toEqual(['newer', undefined, 2])
    await proxy.settle()
    expect([held('a'), held('b'), proxy.ghosts]).toEqual(['ghost', 'ghost', 0])
  })

  test('land by themselves', async () => {
    await proxy.apply({ fault: { kind: 'ghost', minMs: 50, maxMs: 100 } })
    await failure(put('a', 'ghost'))
    expect(held('a')).toBeUndefined()
    while (held('a') === undefined) await sleep(10)
  })

  test('what is too much to hold never lands', async () => {
    const small = await startFaultProxy({ target: stub.endpoint, maxHeldBytes: 10 })
    await small.apply({ fault: { kind: 'ghost', minMs: 1, maxMs: 1 } })
    await expect(fetch(`${small.endpoint}/stub/a`, { method: 'PUT', body: 'a'.repeat(11) })).rejects.toThrow()
    expect(small.ghosts).toBe(0)
    await small.close()
  })
})

test('flapping: the phases follow one another until other rules are applied', async () => {
  await proxy.flap([
    { rules: [{ fault: { kind: 'error', status: 500 } }], minMs: 20, maxMs: 40 },
    { rules: [{ fault: { kind: 'refuse' } }], minMs: 20, maxMs: 40 },
    { rules: [], minMs: 20, maxMs: 40 },
  ])
  const ends = new Set<string>()
  for (const start = performance.now(); performance.now() - start < 5000 && ends.size < 2; ) {
    ends.add(await failure(put('a', 'one')))
    await sleep(5)
  }
  expect([...ends].sort()).toEqual(['UNAVAILABLE', 'none'])
  await proxy.apply()
  for (let i = 0; i < 10; i++) {
    await put('a', 'one')
    await sleep(10)
  }
})

test('a request can be rewritten', async () => {
  const other = await startFaultProxy({
    target: stub.endpoint,
    rewrite: head => ({ ...head, path: head.path.replace('/alias/', '/stub/') }),
  })
  await put('a', 'one')
  expect(await (await fetch(`${other.endpoint}/alias/a`)).text()).toContain('AccessDenied')
  expect(stub.counts['GetObject']).toBe(1)
  await other.close()
})

test.each(['', 'ftp://127.0.0.1', 'nowhere'])('%j is no target', async target => {
  await expect(startFaultProxy({ target })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})
