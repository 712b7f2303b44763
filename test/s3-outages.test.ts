import dns from 'node:dns'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { outcomeOf } from '../src/stores/s3/errors.js'
import { S3Store } from '../src/stores/s3/store.js'
import { startS3Stub } from '../src/testing/s3-stub.js'
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
  SHORT,
} from './support/faulty-s3.js'
import { useLink } from './support/link.js'

const MIB = 1024 * 1024

describe('a store that accepts and says nothing', () => {
  it.each(['request', 'before-headers'] as const)(
    'ends every operation by its deadline (%s)',
    async stall => {
      const { stub, store } = await openFaulty()
      stub.fault = () => ({ stall })
      for (const [name, operation] of Object.entries(everyOperation(store))) {
        const start = performance.now()
        expect(await codeOf(operation()), name).toBe('TIMEOUT')
        expect(performance.now() - start, name).toBeLessThan(SHORT.firstByteMs + 1500)
      }
      stub.fault = undefined
      await put(store, 'a', Buffer.from('x'))
      expect((await bytesOf(store, 'a')).toString()).toBe('x')
    },
  )

  it('ends 200 operations at once, those that wait for a connection included', async () => {
    const { stub, store } = await openFaulty({ connections: 16, deadlines: { ...SHORT, totalMs: 800 } })
    stub.fault = () => ({ stall: 'before-headers' })
    const start = performance.now()
    const codes = await Promise.all(
      Array.from({ length: 200 }, (_, i) => codeOf(put(store, `k${i}`, Buffer.from('x')))),
    )
    expect(new Set(codes)).toEqual(new Set(['TIMEOUT']))
    expect(performance.now() - start).toBeLessThan(4000)
    stub.fault = undefined
    await put(store, 'a', Buffer.from('x'))
  })

  it('gives up a large body that nobody takes', async () => {
    const { stub, store } = await openFaulty({ partSize: 64 * MIB })
    stub.fault = () => ({ stall: 'request' })
    expect(await codeOf(put(store, 'a', Buffer.alloc(32 * MIB)))).toBe('TIMEOUT')
  })

  it('gives up an answer that stops in the middle', async () => {
    const { stub, store } = await openFaulty()
    await put(store, 'a', patterned(100_000))
    stub.fault = () => ({ stall: 'mid-body' })
    expect(await codeOf(bytesOf(store, 'a'))).toBe('TIMEOUT')
    expect(await codeOf(piecesOf(store, 'a'))).toBe('TIMEOUT')
    expect(await codeOf(store.list())).toBe('TIMEOUT')
  })

  it('gives up an answer that trickles', async () => {
    const { stub, store } = await openFaulty()
    await put(store, 'a', patterned(100_000))
    stub.fault = () => ({ trickleMs: 20 })
    expect(await codeOf(bytesOf(store, 'a'))).toBe('TIMEOUT')
    expect(await codeOf(piecesOf(store, 'a'))).toBe('TIMEOUT')
    expect(await codeOf(store.list())).toBe('TIMEOUT')
  })

  it('waits for a reader as long as he likes', async () => {
    const { store } = await openFaulty()
    const bytes = patterned(12 * MIB)
    await put(store, 'a', bytes)
    const { body } = await store.get(key('a'))
    const pieces: Buffer[] = []
    for await (const piece of body) {
      if (pieces.length === 1) await sleep(SHORT.idleMs * 3)
      pieces.push(piece)
    }
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
  })

  it('waits for a source as long as it likes', async () => {
    const { store } = await openFaulty()
    const slow = async function* () {
      yield Buffer.from('a')
      await sleep(SHORT.totalMs + 200)
      yield Buffer.from('b')
    }
    await put(store, 'a', slow())
    expect((await bytesOf(store, 'a')).toString()).toBe('ab')
  })

  it('serves a slow answer within the deadlines', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = () => ({ delayMs: SHORT.firstByteMs / 3 })
    await put(store, 'a', Buffer.from('x'))
    expect((await bytesOf(store, 'a')).toString()).toBe('x')
  })

  it('gives completing an upload the time of its own', async () => {
    const { stub, store } = await openFaulty({ partSize: 5 * MIB })
    stub.fault = ({ operation }) =>
      operation === 'CompleteMultipartUpload' ? { delayMs: SHORT.firstByteMs * 2 } : undefined
    await put(store, 'a', patterned(6 * MIB))
    expect((await store.head(key('a'))).size).toBe(6 * MIB)
  })
})

describe('a store that refuses for a while', () => {
  const answers = {
    500: '<Error><Code>InternalError</Code></Error>',
    502: '<html>Bad gateway</html>',
    503: '<Error><Code>SlowDown</Code></Error>',
    429: '<Error><Code>TooManyRequests</Code></Error>',
  }
  const code = { 500: 'UNAVAILABLE', 502: 'UNAVAILABLE', 503: 'THROTTLED', 429: 'THROTTLED' }

  it.each([500, 502, 503, 429] as const)('is asked at most twice as often (%i to all)', async status => {
    const { stub, store } = await openFaulty({ retry: { baseMs: 1 }, deadlines: {} })
    stub.fault = () => ({ status, body: answers[status] })
    const codes = await Promise.all(
      Array.from({ length: 200 }, (_, i) => codeOf(put(store, `k${i}`, Buffer.from('x')))),
    )
    expect(new Set(codes)).toEqual(new Set([code[status]]))
    expect(stub.counts['total']).toBeLessThanOrEqual(400)
    expect(stub.counts['total']).toBeGreaterThan(200)
  })

  it.each([500, 502, 503, 429] as const)('answers nearly all in the end (%i to a third)', async status => {
    const { stub, store } = await openFaulty({ retry: { baseMs: 1, attempts: 5 }, deadlines: {} })
    let state = 7
    stub.fault = () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
      return state % 100 < 30 ? { status, body: answers[status] } : undefined
    }
    let failed = 0
    for (let i = 0; i < 200; i++) await put(store, `k${i}`, Buffer.from('x')).catch(() => failed++)
    expect(failed).toBeLessThan(10)
    expect(stub.counts['total']).toBeLessThanOrEqual(400)
    stub.fault = undefined
    const { objects } = await store.list()
    expect(objects.length).toBe(200 - failed)
  })

  it('is given the time that it asks for, or nothing', async () => {
    const { stub, store } = await openFaulty({ retry: { baseMs: 1 } })
    const busy = (wait: string) => ({ status: 503, body: answers[503], headers: { 'retry-after': wait } })
    stub.fault = ({ number }) => (number === 1 ? busy('1') : undefined)
    const start = performance.now()
    await put(store, 'a', Buffer.from('x'))
    expect(performance.now() - start).toBeGreaterThan(990)
    stub.fault = () => busy('60')
    const error = await failureOf(put(store, 'a', Buffer.from('x')))
    expect(error).toMatchObject({ code: 'THROTTLED', retryable: true, retryAfterMs: 60_000 })
    expect(stub.counts['total']).toBe(3)
  })

  it('is not asked again for what cannot succeed', async () => {
    const { stub, store } = await openFaulty({ retry: { baseMs: 1 } })
    await failureOf(store.get(key('missing')))
    expect(stub.counts['total']).toBe(1)
  })
})

describe('a store that cannot be reached', () => {
  it('is UNAVAILABLE, whatever it is asked, and found again at once', async () => {
    const { stub, store } = await openFaulty()
    await put(store, 'a', Buffer.from('x'))
    await stub.goDown()
    for (const [name, operation] of Object.entries(everyOperation(store))) {
      const error = await failureOf(operation())
      expect(error.code, name).toBe('UNAVAILABLE')
      expect(error.retryable, name).toBe(true)
    }
    const { deleted, failed } = await store.deleteMany([key('a'), key('b')])
    expect([deleted, failed.length]).toEqual([0, 2])
    await stub.comeBack()
    expect((await bytesOf(store, 'a')).toString()).toBe('x')
  })

  it.each(['refuse', 'reset', 'lose-answer'] as const)('is asked again after a reset (%s)', async fault => {
    const { stub, store } = await openFaulty({ retry: { baseMs: 1 } })
    await put(store, 'a', Buffer.from('x'))
    for (const [name, operation] of Object.entries(everyOperation(store))) {
      const before = stub.counts['total'] ?? 0
      stub.fault = ({ number }) => (number === before + 1 ? fault : undefined)
      // The delete comes before the copy, whose source it takes away.
      if (name === 'copy') await put(store, 'a', Buffer.from('x'))
      await operation()
      expect(stub.counts['total'], name).toBeGreaterThan(before + 1)
    }
  })

  it('is sent no mutation of unknown outcome again, where that is asked for', async () => {
    const { stub, store } = await openFaulty({ retry: { baseMs: 1, unknownMutations: false } })
    await put(store, 'a', Buffer.from('x'))
    await store.learn()
    const mutations = {
      put: () => put(store, 'a', Buffer.from('x')),
      copy: () => store.copy(key('a'), key('b')),
      delete: () => store.delete(key('b')),
      deleteMany: async () => {
        const { failed } = await store.deleteMany([key('b')])
        for (const { error } of failed) throw error
      },
    }
    for (const [name, operation] of Object.entries(mutations)) {
      const isMutation = (operation: string) => /^(Put|Copy|Delete)/.test(operation)
      for (const fault of [
        'lose-answer',
        { status: 503, body: '<Error><Code>SlowDown</Code></Error>' },
      ] as const) {
        let tries = 0
        stub.fault = ({ operation }) => (isMutation(operation) && ++tries === 1 ? fault : undefined)
        const error = await operation().then(
          () => undefined,
          (failure: unknown) => failure,
        )
        const lost = fault === 'lose-answer'
        expect(tries, name).toBe(lost ? 1 : 2)
        expect(error === undefined, name).toBe(!lost)
        if (lost) expect(outcomeOf(error), name).toBe('unknown')
      }
    }
  })

  it('is found again when its name is', async () => {
    const stub = await startS3Stub()
    const lookup = vi.spyOn(dns, 'lookup')
    type Callback = (error: Error | null, address?: unknown, family?: number) => void
    const gone = (_: string, __: unknown, callback: Callback): void => {
      const error = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
      process.nextTick(() => callback(error))
    }
    const there = (_: string, { all }: { all?: boolean }, callback: Callback): void => {
      const address = '127.0.0.1'
      process.nextTick(() => callback(null, all ? [{ address, family: 4 }] : address, 4))
    }
    const store = new S3Store({
      endpoint: `http://s3.test.invalid:${stub.port}`,
      region: 'us-east-1',
      bucket: 'stub',
      credentials: stub.credentials,
      deadlines: SHORT,
      retry: { attempts: 1 },
    })
    try {
      lookup.mockImplementation(gone as never)
      const error = await failureOf(store.head(key('a')))
      expect(error.code).toBe('UNAVAILABLE')
      expect(error.message).toContain('ENOTFOUND')
      lookup.mockImplementation(there as never)
      await put(store, 'a', Buffer.from('x'))
      await stub.goDown()
      lookup.mockImplementation(gone as never)
      expect(await codeOf(store.head(key('a')))).toBe('UNAVAILABLE')
      lookup.mockRestore()
      await stub.comeBack()
      vi.spyOn(dns, 'lookup').mockImplementation(there as never)
      expect((await bytesOf(store, 'a')).toString()).toBe('x')
    } finally {
      vi.restoreAllMocks()
      await store.close()
      await stub.close()
    }
  })

  it('says nothing after it was closed', async () => {
    const { stub, store } = await openFaulty()
    await store.close()
    for (const [name, operation] of Object.entries(everyOperation(store))) {
      expect(await failureOf(operation()), name).toMatchObject({ code: 'UNAVAILABLE', retryable: false })
    }
    expect(stub.counts['total']).toBe(0)
  })

  it('lets a close wait for what is under way', async () => {
    const { stub, store } = await openFaulty()
    stub.fault = () => ({ delayMs: 150 })
    const putting = put(store, 'a', Buffer.from('x'))
    await sleep(50)
    await store.close()
    await putting
  })
})

describe('connections', () => {
  it('are kept across HEADs, refusals and bodies that are not read', async () => {
    const { stub, store } = await openFaulty({ connections: 1 })
    await put(store, 'a', patterned(1000))
    for (let i = 0; i < 30; i++) {
      await store.head(key('a'))
      await failureOf(store.get(key('missing')))
      await failureOf(store.head(key('missing')))
      await (await store.get(key('a'))).body.close()
      await bytesOf(store, 'a')
    }
    // One for requests; and two for downloads, where the next can begin before the last has been put away.
    expect(stub.connections).toBeLessThanOrEqual(3)
  })

  it('that went dead are all given up with the first that shows it', async () => {
    const { stub, store: direct } = await openFaulty()
    await put(direct, 'a', patterned(1000))
    const link = await useLink(stub.port)
    const deadlines = { ...SHORT, firstByteMs: 2000 }
    const store = openOn(stub, { endpoint: `http://127.0.0.1:${link.port}`, deadlines })
    const many = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 20 }, work))
    await many(() => bytesOf(store, 'a'))
    await many(() => store.head(key('a')))
    // A router has forgotten them: they stay silent, and new ones pass.
    link.drop()
    link.restore()
    expect(await codeOf(store.head(key('a')))).toBe('TIMEOUT')
    for (let i = 0; i < 20; i++) {
      expect((await bytesOf(store, 'a')).length).toBe(1000)
      await store.head(key('a'))
    }
  })

  it('are cut by no request that was given up while it waited for one', async () => {
    const { stub, store } = await openFaulty({ connections: 1 })
    await put(store, 'a', patterned(1000))
    stub.fault = () => ({ delayMs: 200 })
    for (const waits of [
      (signal: AbortSignal) => store.get(key('a'), { signal }),
      (signal: AbortSignal) => store.head(key('a'), { signal }),
    ]) {
      const first = [bytesOf(store, 'a'), store.head(key('a'))]
      const stop = new AbortController()
      const second = codeOf(waits(stop.signal))
      await sleep(50)
      stop.abort()
      expect(await second).toBe('ABORTED')
      await Promise.all(first)
    }
    expect(stub.connections).toBeLessThanOrEqual(3)
  })

  it('are there again after one was cut by an abort', async () => {
    const { stub, store } = await openFaulty({ connections: 1 })
    await put(store, 'a', patterned(1000))
    for (let i = 0; i < 5; i++) {
      stub.fault = () => ({ stall: 'before-headers' })
      const stop = new AbortController()
      const aborted = [codeOf(store.get(key('a'), { signal: stop.signal }))]
      aborted.push(codeOf(store.head(key('a'), { signal: stop.signal })))
      await sleep(20)
      stop.abort()
      expect(await Promise.all(aborted)).toEqual(['ABORTED', 'ABORTED'])
      stub.fault = undefined
      expect((await bytesOf(store, 'a')).length).toBe(1000)
      await store.head(key('a'))
    }
  })

  it('are not taken by readers who do not read', async () => {
    const { store } = await openFaulty({ connections: 2 })
    await put(store, 'a', patterned(4 * MIB))
    const opened = await Promise.all(Array.from({ length: 20 }, () => store.get(key('a'))))
    const start = performance.now()
    await put(store, 'b', Buffer.from('x'))
    await store.head(key('a'))
    expect((await bytesOf(store, 'a')).length).toBe(4 * MIB)
    expect(performance.now() - start).toBeLessThan(2000)
    for (const { body } of opened.slice(10)) await body.close()
    for (const { body } of opened.slice(0, 10)) expect((await body.bytes()).length).toBe(4 * MIB)
  })
})
